#include "mezzotint/training/trainer.h"

#include <chrono>
#include <cmath>

#include <c10/core/GradMode.h>

#include "mezzotint/training/checkpoint.h"
#include "mezzotint/training/lr_schedule.h"
#include "mezzotint/training/step_in_backward.h"
#include "mezzotint/training/train_state.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Loop {
 public:
  Loop(Learner& learner, const TrainOptions& options)
      : learner_(learner),
        options_(options),
        config_(options.config),
        plan_(plan_training(options.config, learner.micro_batches_per_epoch())),
        state_(options.config, learner) {}

  TrainResult run() {
    begin();
    while (!finished()) {
      if (options_.cancel.cancelled()) stop();
      const Clock::time_point start = Clock::now();
      const int64_t update = state_.position.update;
      micro_batch();
      if (state_.position.batch == plan_.micro_batches_per_epoch) end_epoch();
      if (state_.position.update > update && !finished()) due_after_update();
      state_.seconds += seconds_since(start);
    }
    return end();
  }

 private:
  bool finished() const { return state_.position.update >= plan_.updates; }
  bool due(int64_t every) const { return every > 0 && state_.position.update % every == 0; }
  /// The learning rate of the update at hand.
  double lr() const {
    const Position& at = state_.position;
    return config_.lr * lr_factor(config_, at.update, at.epoch, plan_.updates);
  }
  Ema* ema() { return state_.ema ? &*state_.ema : nullptr; }
  bool saves() const { return !options_.folder.empty(); }

  void begin();
  void micro_batch();
  double checked_mean(const Tensor& losses_b, const MicroBatch& batch) const;
  std::optional<double> backward(const Tensor& loss, bool complete);
  void update(std::optional<double> stepped);
  void end_epoch();
  void due_after_update();
  void show();
  void checkpoint();
  [[noreturn]] void stop();
  TrainResult end();
  void log(const std::string& name, const decltype(Record::value)& value) {
    for (const LoggerPtr& logger : options_.loggers) logger->log({state_.position, name, value});
  }

  Learner& learner_;
  const TrainOptions& options_;
  const TrainConfig& config_;
  TrainPlan plan_;
  TrainState state_;
  double window_seconds_ = 0.0;  ///< work and pictures since the last report of speed
  int64_t window_images_ = 0;
};

void Loop::begin() {
  MEZZO_CHECK(plan_.micro_batches_per_epoch > 0, "training: the data set has no pictures");
  if (saves()) fs::create_directories(options_.folder / "checkpoints");
  if (options_.resume_from) {
    load_checkpoint(*options_.resume_from, state_);
    log("resumed", options_.resume_from->filename().string());
  }
  learner_.set_training(true);
  const bool shown = state_.position.update == 0 || due(config_.log_samples_every);
  if (shown && !finished() && !learner_.has_shown(state_.position)) show();
}

/// The loss. @throws Error unless it is a number.
double Loop::checked_mean(const Tensor& losses_b, const MicroBatch& batch) const {
  const auto value = losses_b.mean().item<double>();
  MEZZO_CHECK(std::isfinite(value), "training: the loss is ", std::abs(value), " in micro-batch ",
              state_.position.micro_batch + 1, " (update ", state_.position.update + 1, ", epoch ",
              state_.position.epoch + 1, ")",
              batch.circumstances ? batch.circumstances(losses_b) : std::string(),
              "; try a smaller lr, warmup or max_grad_norm. Checkpoints are as they were.");
  return value;
}

void Loop::micro_batch() {
  const Clock::time_point start = Clock::now();
  Position& position = state_.position;
  const c10::AutoGradMode record(true);
  const MicroBatch batch = learner_.micro_batch(position.epoch, position.batch);
  const int64_t group = plan_.group_size(position.batch);
  const int64_t divisor = config_.accum_mode == "mean" ? group : 1;
  const bool complete = position.batch % plan_.accumulation + 1 == group;
  double value = 0;
  std::optional<double> norm;
  if (batch.slices > 1) {
    const double scale = 1.0 / static_cast<double>(batch.pictures * divisor);
    value = checked_mean(
        backward_in_slices(batch.losses, batch.pictures, batch.slices, scale, state_.parameters),
        batch);
  } else {
    const Tensor losses_b = batch.losses(0, batch.pictures);
    value = checked_mean(losses_b.detach(), batch);
    const Tensor loss = losses_b.mean();
    norm = backward(divisor == 1 ? loss : loss / divisor, complete);
  }

  ++position.batch;
  ++position.micro_batch;
  position.images += batch.pictures;
  state_.epoch_loss_sum += value;
  if (complete) update(norm);
  window_seconds_ += seconds_since(start);
  window_images_ += batch.pictures;
  log("loss", value);
}

/// Lets the loss flow back. Where gradients needn't be seen together the update is made on the way:
/// @return the norm of the gradients, if so.
std::optional<double> Loop::backward(const Tensor& loss, bool complete) {
  const bool on_the_way =
      complete && config_.max_grad_norm <= 0 && StepInBackward::possible(state_.parameters);
  if (!on_the_way) {
    loss.backward();
    return std::nullopt;
  }
  StepInBackward stepping(state_.optimizer, {lr(), 1.0, ema()});
  loss.backward();
  return stepping.finish();
}

/// @param stepped what backward() returned.
void Loop::update(std::optional<double> stepped) {
  Position& position = state_.position;
  const double norm = stepped ? *stepped : gradient_norm(state_.parameters);
  MEZZO_CHECK(std::isfinite(norm), "training: the gradient's norm is ", norm, " in update ",
              position.update + 1, " (epoch ", position.epoch + 1,
              "); try a smaller lr, warmup or max_grad_norm. Checkpoints are as they were.");
  const double rate = lr();
  if (!stepped) {
    const double most = config_.max_grad_norm;
    state_.optimizer.step({rate, most > 0 ? clip_factor(norm, most) : 1.0, ema()});
    state_.optimizer.drop_gradients();
  }
  ++position.update;
  if (!due(config_.log_every)) return;
  log("lr", rate);
  log("grad_norm", norm);
  if (window_seconds_ > 0)
    log("images_per_second", static_cast<double>(window_images_) / window_seconds_);
  window_seconds_ = 0;
  window_images_ = 0;
}

void Loop::end_epoch() {
  state_.epoch_losses.push_back(state_.epoch_loss_sum /
                                static_cast<double>(plan_.micro_batches_per_epoch));
  state_.epoch_loss_sum = 0;
  log("epoch_loss", state_.epoch_losses.back());
  ++state_.position.epoch;
  state_.position.batch = 0;
}

void Loop::due_after_update() {
  if (due(config_.save_model_every)) checkpoint();
  if (due(config_.log_samples_every)) show();
}

void Loop::show() {
  const UseAverage average(ema(), state_.parameters);
  try {
    learner_.set_training(false);
    learner_.show(state_.position, finished(), options_.cancel,
                  [this](const std::string& name, const auto& value) { log(name, value); });
    learner_.set_training(true);
  } catch (const Error& error) {
    // A stop asked for while sampling: the caller sees it next, and saves the run.
    if (error.kind() != ErrorKind::kCancelled) throw;
    learner_.set_training(true);
  }
}

void Loop::checkpoint() {
  if (!saves()) return;
  const fs::path path =
      save_checkpoint(options_.folder / "checkpoints", state_, config_.keep_checkpoints);
  log("checkpoint", path.filename().string());
}

void Loop::stop() {
  checkpoint();
  for (const LoggerPtr& logger : options_.loggers) logger->finish();
  throw Error(
      concat("stopped after update ", state_.position.update, " of ", plan_.updates,
             saves() ? "; saved, go on with: mezzotint resume " + options_.folder.string() : ""),
      ErrorKind::kCancelled);
}

TrainResult Loop::end() {
  checkpoint();
  show();
  if (options_.cancel.cancelled()) stop();
  learner_.set_training(false);
  for (const LoggerPtr& logger : options_.loggers) logger->finish();
  return {state_.position, state_.epoch_losses, state_.seconds, state_.ema};
}

}  // namespace

TrainResult train(Learner& learner, const TrainOptions& options) {
  validate(options.config);
  return Loop(learner, options).run();
}

}  // namespace mezzotint
