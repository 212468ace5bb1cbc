#include "mezzotint/training/trainer.h"

#include <chrono>
#include <cmath>
#include <sstream>

#include <c10/core/GradMode.h>

#include "mezzotint/schedulers/scheduler.h"
#include "mezzotint/training/checkpoint.h"
#include "mezzotint/training/lr_schedule.h"
#include "mezzotint/training/objective.h"
#include "mezzotint/training/previews.h"
#include "mezzotint/training/slices.h"
#include "mezzotint/training/step_in_backward.h"
#include "mezzotint/training/train_state.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Objective objective_of(const Pipeline& pipeline) {
  // Every scheduler reads the same schedule out of a configuration; DDPM's is the one that training
  // is defined with.
  const SchedulerPtr ddpm = make_scheduler("ddpm", pipeline.scheduler_config, 0);
  return {ddpm->alphas_cumprod(), pipeline.scheduler_config.value("prediction_type", "epsilon")};
}

/// The timesteps of the pictures whose loss isn't finite: "17, 903".
std::string broken_timesteps(const Tensor& losses_b, const Tensor& timesteps_b) {
  std::ostringstream list;
  for (int64_t i = 0; i < losses_b.size(0); ++i)
    if (!std::isfinite(losses_b[i].item<double>()))
      list << (list.tellp() > 0 ? ", " : "") << timesteps_b[i].item<int64_t>();
  return list.str();
}

class Loop {
 public:
  Loop(const Pipeline& pipeline, const BatchSource& source, const TrainOptions& options)
      : pipeline_(pipeline),
        source_(source),
        options_(options),
        config_(options.config),
        plan_(plan_training(options.config, source.micro_batches_per_epoch)),
        objective_(objective_of(pipeline)),
        state_(options.config, pipeline),
        previews_(options.config, pipeline, options.folder / "samples", options.height,
                  options.width) {}

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
  Tensor losses_of(const Batch& batch, const Tensor& noise, const Tensor& timesteps_b) const;
  double checked_mean(const Tensor& losses_b, const Tensor& timesteps_b) const;
  std::optional<double> backward(const Tensor& loss, bool complete);
  void update(std::optional<double> stepped);
  void end_epoch();
  void due_after_update();
  void show_samples();
  void checkpoint();
  [[noreturn]] void stop();
  TrainResult end();
  void log(const std::string& name, const decltype(Record::value)& value) {
    for (const LoggerPtr& logger : options_.loggers) logger->log({state_.position, name, value});
  }

  const Pipeline& pipeline_;
  const BatchSource& source_;
  const TrainOptions& options_;
  const TrainConfig& config_;
  TrainPlan plan_;
  Objective objective_;
  TrainState state_;
  Previews previews_;
  double window_seconds_ = 0.0;  ///< work and pictures since the last report of speed
  int64_t window_images_ = 0;
};

void Loop::begin() {
  MEZZO_CHECK(plan_.micro_batches_per_epoch > 0, "training: the data set has no pictures");
  if (saves()) {
    fs::create_directories(options_.folder / "samples");
    fs::create_directories(options_.folder / "checkpoints");
  }
  if (options_.resume_from) {
    load_checkpoint(*options_.resume_from, state_);
    log("resumed", options_.resume_from->filename().string());
  }
  pipeline_.unet->set_training(true, state_.dropout);
  pipeline_.unet->set_gradient_checkpointing(config_.gradient_checkpointing);
  const bool shown = state_.position.update == 0 || due(config_.log_samples_every);
  if (shown && !finished() && !fs::exists(previews_.grid_path(state_.position.update)))
    show_samples();
}

Tensor Loop::losses_of(const Batch& batch, const Tensor& noise, const Tensor& timesteps_b) const {
  const bool wants_labels = pipeline_.class_count() > 0;
  MEZZO_CHECK(!wants_labels || batch.label_b.defined(),
              "training: the network is class-conditional but the data has no labels; put the "
              "pictures of each class in a folder of its own, or train without classes");
  const Predict predict = pipeline_.predict(wants_labels ? batch.label_b : Tensor());
  return denoising_losses(objective_, predict, batch.x0_bchw, noise, timesteps_b);
}

/// The loss. @throws Error unless it is a number.
double Loop::checked_mean(const Tensor& losses_b, const Tensor& timesteps_b) const {
  const auto value = losses_b.mean().item<double>();
  MEZZO_CHECK(std::isfinite(value), "training: the loss is ", std::abs(value), " in micro-batch ",
              state_.position.micro_batch + 1, " (update ", state_.position.update + 1, ", epoch ",
              state_.position.epoch + 1, "), at the timesteps ",
              broken_timesteps(losses_b, timesteps_b),
              "; try a smaller lr, warmup or max_grad_norm. Checkpoints are as they were.");
  return value;
}

void Loop::micro_batch() {
  const Clock::time_point start = Clock::now();
  Position& position = state_.position;
  const Batch batch = source_.batch(position.epoch, position.batch);
  const int64_t pictures = batch.x0_bchw.size(0),
                slices = slices_of(*pipeline_.unet, pictures, batch.x0_bchw.size(2),
                                   batch.x0_bchw.size(3));
  const c10::AutoGradMode record(true);
  const Tensor noise = state_.noise.randn(batch.x0_bchw.sizes()),
               timesteps_b =
                   state_.timesteps.randint(0, objective_.alphas_cumprod.size(0), {pictures});
  const int64_t group = plan_.group_size(position.batch);
  const int64_t divisor = config_.accum_mode == "mean" ? group : 1;
  const bool complete = position.batch % plan_.accumulation + 1 == group;
  double value = 0;
  std::optional<double> norm;
  if (slices > 1) {
    const SliceLosses of_slice = [&](int64_t first, int64_t count) {
      const auto cut = [&](const Tensor& x) {
        return x.defined() ? x.narrow(0, first, count) : Tensor();
      };
      return losses_of({cut(batch.x0_bchw), cut(batch.label_b)}, cut(noise), cut(timesteps_b));
    };
    const double scale = 1.0 / static_cast<double>(pictures * divisor);
    value = checked_mean(backward_in_slices(of_slice, pictures, slices, scale, state_.parameters),
                         timesteps_b);
  } else {
    const Tensor losses_b = losses_of(batch, noise, timesteps_b);
    value = checked_mean(losses_b.detach(), timesteps_b);
    const Tensor loss = losses_b.mean();
    norm = backward(divisor == 1 ? loss : loss / divisor, complete);
  }

  ++position.batch;
  ++position.micro_batch;
  position.images += pictures;
  state_.epoch_loss_sum += value;
  if (complete) update(norm);
  window_seconds_ += seconds_since(start);
  window_images_ += pictures;
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
  if (due(config_.log_samples_every)) show_samples();
}

void Loop::show_samples() {
  if (!saves() || !previews_.wanted()) return;
  const UseAverage average(state_.ema ? &*state_.ema : nullptr, state_.parameters);
  try {
    pipeline_.unet->set_training(false);
    const Tensor images = previews_.draw(pipeline_, options_.cancel);
    pipeline_.unet->set_training(true, state_.dropout);
    if (state_.position.update == 0) previews_.keep_before(images);
    previews_.write_grid(images, state_.position.update);
    log("samples", fs::relative(previews_.grid_path(state_.position.update), options_.folder));
    if (finished() && previews_.has_before())
      log("before_after", fs::relative(previews_.write_strip(images), options_.folder));
  } catch (const Error& error) {
    // A stop asked for while sampling: the caller sees it next, and saves the run.
    if (error.kind() != ErrorKind::kCancelled) throw;
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
  show_samples();
  if (options_.cancel.cancelled()) stop();
  pipeline_.unet->set_training(false);
  pipeline_.unet->set_gradient_checkpointing(false);
  for (const LoggerPtr& logger : options_.loggers) logger->finish();
  return {state_.position, state_.epoch_losses, state_.seconds, state_.ema};
}

}  // namespace

BatchSource batches_of(const Loader& loader) {
  return {loader.batches_per_epoch(),
          [loader](int64_t epoch, int64_t index) { return loader.batch(epoch, index); }};
}

TrainResult train(const Pipeline& pipeline, const BatchSource& source,
                  const TrainOptions& options) {
  validate(options.config);
  return Loop(pipeline, source, options).run();
}

}  // namespace mezzotint
