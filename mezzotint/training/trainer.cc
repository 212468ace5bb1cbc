#include "mezzotint/training/trainer.h"

#include <chrono>
#include <cmath>

#include <c10/core/GradMode.h>

#include "mezzotint/base/resident_memory.h"
#include "mezzotint/base/shell_quoted.h"
#include "mezzotint/training/checkpoint.h"
#include "mezzotint/training/lr_schedule.h"
#include "mezzotint/training/nonfinite.h"
#include "mezzotint/training/parameter_histograms.h"
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
      try {
        micro_batch();
      } catch (const NotFinite& trouble) {
        recover(trouble);
      }
      if (state_.position.batch == plan_.micro_batches_per_epoch) end_epoch();
      if (state_.position.update > update && !finished()) due_after_update();
      state_.seconds += seconds_since(start);
    }
    return end();
  }

 private:
  bool finished() const {
    const Position& at = state_.position;
    return at.epoch >= config_.num_epochs ||
           (config_.max_train_steps > 0 && at.update >= config_.max_train_steps);
  }
  bool due(int64_t every) const { return every > 0 && state_.position.update % every == 0; }
  /// The learning rate of the update at hand.
  double lr() const {
    const Position& at = state_.position;
    return config_.lr * state_.lr_scale * lr_factor(config_, at.update, at.epoch, plan_.updates);
  }
  Ema* ema() { return state_.ema ? &*state_.ema : nullptr; }
  /// Whether the update at hand is to be seen in histograms.
  bool histograms_due() const {
    const int64_t every = config_.log_histograms_every;
    return every > 0 && (state_.position.update + 1) % every == 0;
  }
  bool saves() const { return !options_.folder.empty(); }
  fs::path checkpoints() const { return options_.folder / "checkpoints"; }

  void begin();
  void micro_batch();
  Tensor losses_with_gradients(const MicroBatch& batch, bool complete,
                               std::optional<double>& stepped);
  std::optional<double> backward(const Tensor& loss, bool complete);
  void update(double norm, bool stepped);
  void advance(int64_t pictures);
  void report(double rate, double norm);
  void recover(const NotFinite& trouble);
  void skip_update(const NotFinite& trouble);
  void go_back(const NotFinite& trouble);
  [[noreturn]] void give_up(const NotFinite& trouble, const std::string& why);
  void end_epoch();
  void due_after_update();
  void outside_of_training(const std::function<void()>& work);
  void show(bool anew);
  void validate();
  void checkpoint();
  [[noreturn]] void stop();
  TrainResult end();
  void log(const std::string& name, const decltype(Record::value)& value) {
    for (const LoggerPtr& logger : options_.loggers) logger->log({state_.position, name, value});
  }
  /// log(), with something behind each name.
  Learner::Log log_as(const std::string& ending) {
    return [this, ending](const std::string& name, const decltype(Record::value)& value) {
      log(name + ending, value);
    };
  }

  Learner& learner_;
  const TrainOptions& options_;
  const TrainConfig& config_;
  TrainPlan plan_;
  TrainState state_;
  int64_t start_update_ = -1;    ///< the checkpoint's that the run went on from
  int64_t pictures_ = 0;         ///< of the micro-batch at hand
  double window_seconds_ = 0.0;  ///< work and pictures since the last report of speed
  int64_t window_images_ = 0;
};

void Loop::begin() {
  MEZZO_CHECK(plan_.micro_batches_per_epoch > 0, "training: the data set has no pictures");
  const bool goes_back = config_.on_nonfinite == "rollback";
  if (goes_back && !saves())
    fail_usage("on_nonfinite rollback: without a folder there are no checkpoints to go back to");
  if (saves()) fs::create_directories(checkpoints());
  if (options_.resume_from) {
    load_checkpoint(*options_.resume_from, state_);
    start_update_ = state_.position.update;
    MEZZO_CHECK(state_.position.batch < plan_.micro_batches_per_epoch,
                "training: the run stood at ", state_.position.batch,
                " micro-batches of an epoch, which has ", plan_.micro_batches_per_epoch,
                " now; is the data the same as before?");
    log("resumed", options_.resume_from->filename().string());
  }
  learner_.set_training(true);
  if (state_.position.update == 0 || due(config_.validate_every)) validate();
  const bool shown = state_.position.update == 0 || due(config_.log_samples_every);
  if (shown && !finished()) show(/*anew=*/false);
  if (goes_back && !options_.resume_from) checkpoint();
}

/// The losses of the micro-batch, after their gradients have been added up.
/// @param stepped gets the norm of the gradients, if the update was made on the way.
Tensor Loop::losses_with_gradients(const MicroBatch& batch, bool complete,
                                   std::optional<double>& stepped) {
  const int64_t group = plan_.group_size(state_.position.batch),
                divisor = config_.accum_mode == "mean" ? group : 1;
  const bool half_square = config_.backward_of == "half_square";
  if (batch.slices > 1 && !half_square) {
    const double scale = 1.0 / static_cast<double>(batch.pictures * divisor);
    return backward_in_slices(batch.losses, batch.pictures, batch.slices, scale, state_.parameters);
  }
  const Tensor losses_b = batch.losses(0, batch.pictures);
  const double value =
      finite_mean(losses_b.detach(), batch, state_.position);  // before weights are touched
  const double factor = (half_square ? value : 1) / static_cast<double>(divisor);
  const Tensor loss = losses_b.mean();
  stepped = backward(factor == 1 ? loss : loss * factor, complete);
  return losses_b.detach();
}

void Loop::micro_batch() {
  const Clock::time_point start = Clock::now();
  const c10::AutoGradMode record(true);
  const MicroBatch batch = learner_.micro_batch(state_.position.epoch, state_.position.batch);
  pictures_ = batch.pictures;
  const bool complete = plan_.completes_update(state_.position.batch);
  std::optional<double> stepped;
  const Tensor losses_b = losses_with_gradients(batch, complete, stepped);
  const double value = finite_mean(losses_b, batch, state_.position);
  const double rate = lr();
  double norm = 0;
  NamedHistograms gradients;
  if (complete) {
    norm = stepped ? *stepped : gradient_norm(state_.parameters);
    require_finite(norm, state_.parameters, batch, losses_b, state_.position);
    if (histograms_due()) gradients = gradient_histograms(state_.optimizer.parameters());
    update(norm, stepped.has_value());
  }
  if (batch.observe) batch.observe();
  state_.epoch_loss_sum += value;
  ++state_.pending;
  advance(batch.pictures);
  if (complete) {
    ++state_.position.update;
    state_.pending = 0;
    state_.skipped_in_a_row = 0;
  }
  window_seconds_ += seconds_since(start);
  window_images_ += batch.pictures;
  log("loss", value);
  if (complete && due(config_.log_every)) report(rate, norm);
  if (gradients.empty()) return;
  for (const auto& [name, histogram] : weight_histograms(state_.optimizer.parameters()))
    log(name, histogram);
  for (const auto& [name, histogram] : gradients) log(name, histogram);
}

void Loop::advance(int64_t pictures) {
  ++state_.position.batch;
  ++state_.position.micro_batch;
  state_.position.images += pictures;
}

/// Lets the loss flow back. Where gradients needn't be seen together the update is made on the way:
/// @return the norm of the gradients, if so.
std::optional<double> Loop::backward(const Tensor& loss, bool complete) {
  const bool on_the_way = complete && config_.max_grad_norm <= 0 &&
                          config_.on_nonfinite != "skip" && !histograms_due() &&
                          StepInBackward::possible(state_.parameters);
  if (!on_the_way) {
    loss.backward();
    return std::nullopt;
  }
  StepInBackward stepping(state_.optimizer, {lr(), 1.0, ema()});
  loss.backward();
  return stepping.finish();
}

void Loop::update(double norm, bool stepped) {
  if (stepped) return;
  const double most = config_.max_grad_norm;
  state_.optimizer.step({lr(), most > 0 ? clip_factor(norm, most) : 1.0, ema()});
  state_.optimizer.drop_gradients();
}

void Loop::report(double rate, double norm) {
  log("lr", rate);
  log("grad_norm", norm);
  if (window_seconds_ > 0)
    log("images_per_second", static_cast<double>(window_images_) / window_seconds_);
  log("memory_mb", static_cast<double>(resident_memory()) / 1e6);
  window_seconds_ = 0;
  window_images_ = 0;
  learner_.report(log_as(""));
}

void Loop::recover(const NotFinite& trouble) {
  if (config_.on_nonfinite == "skip") return skip_update(trouble);
  if (config_.on_nonfinite == "rollback") return go_back(trouble);
  give_up(trouble, "");
}

/// Goes on behind the update, as if it had been made with no gradient and no learning rate. What
/// its other micro-batches would draw is drawn, so that the rest of the run isn't moved.
void Loop::skip_update(const NotFinite& trouble) {
  constexpr int64_t kMostInARow = 20;
  state_.optimizer.drop_gradients();
  for (bool last = false; !finished();) {
    last = plan_.completes_update(state_.position.batch);
    advance(pictures_);
    ++state_.epoch_losses_left_out;
    if (last) break;
    if (state_.position.batch == plan_.micro_batches_per_epoch) end_epoch();  // it carries
    if (!finished())
      pictures_ = learner_.micro_batch(state_.position.epoch, state_.position.batch).pictures;
  }
  ++state_.position.update;
  state_.pending = 0;
  log("skipped", trouble.what);
  if (++state_.skipped_in_a_row >= kMostInARow)
    give_up(trouble, concat("; ", kMostInARow, " updates in a row were skipped"));
}

/// Goes on from the newest checkpoint with half the learning rate.
void Loop::go_back(const NotFinite& trouble) {
  constexpr double kLeast = 1.0 / 1024;
  const double scale = state_.lr_scale / 2;
  if (scale < kLeast) give_up(trouble, "; ten halvings of the learning rate didn't help");
  std::vector<std::string> passed_over;
  const auto good = latest_checkpoint(checkpoints(), passed_over);
  if (!good) give_up(trouble, "; there is no checkpoint to go back to");
  const int64_t from = state_.position.update;
  state_.optimizer.drop_gradients();
  load_checkpoint(*good, state_);
  state_.lr_scale = scale;
  for (const LoggerPtr& logger : options_.loggers) logger->rewind(state_.position);
  checkpoint();  // with the new rate: an interruption doesn't begin this anew
  log("rolled_back", concat(trouble.what, "; back from update ", from, " to ",
                            state_.position.update, ", on with ", scale, " of the learning rate"));
}

/// Puts the newest checkpoint into the network again, so that a program that goes on has a sound
/// one, and ends the run.
void Loop::give_up(const NotFinite& trouble, const std::string& why) {
  std::string state = "; no checkpoint had been written yet";
  state_.optimizer.drop_gradients();
  std::vector<std::string> passed_over;
  if (const auto good = saves() ? latest_checkpoint(checkpoints(), passed_over) : std::nullopt) {
    load_checkpoint(*good, state_);
    state = concat("; the last good state is ", good->string());
  }
  for (const LoggerPtr& logger : options_.loggers) logger->finish();
  fail("training: ", trouble.what, why,
       "; try a smaller lr, warmup or max_grad_norm, or --on-nonfinite skip or rollback", state);
}

void Loop::end_epoch() {
  const int64_t counted = plan_.micro_batches_per_epoch - state_.epoch_losses_left_out;
  state_.epoch_losses.push_back(state_.epoch_loss_sum / static_cast<double>(counted));
  state_.epoch_loss_sum = 0;
  state_.epoch_losses_left_out = 0;
  log("epoch_loss", state_.epoch_losses.back());
  ++state_.position.epoch;
  state_.position.batch = 0;
}

void Loop::due_after_update() {
  if (due(config_.validate_every)) validate();
  if (due(config_.save_model_every)) checkpoint();
  if (due(config_.log_samples_every)) show(/*anew=*/true);
}

void Loop::outside_of_training(const std::function<void()>& work) {
  learner_.set_training(false);
  try {
    work();
  } catch (const Error& error) {
    // A stop asked for meanwhile: the caller sees it next, and saves the run.
    if (error.kind() != ErrorKind::kCancelled) throw;
  }
  learner_.set_training(true);
}

/// The raw weights and, where there is one that differs, the average. @param anew even what was
/// shown here before an interruption.
void Loop::show(bool anew) {
  const auto wanted = [&](bool raw) { return anew || !learner_.has_shown(state_.position, raw); };
  const bool raw = ema() && state_.position.update > 0 && wanted(true), usual = wanted(false);
  if (!raw && !usual) return;
  const auto showing = [&](bool of_raw) {
    return Showing{state_.position, finished(), of_raw, options_.cancel,
                   log_as(of_raw ? "_raw" : "")};
  };
  outside_of_training([&] {
    if (raw) learner_.show(showing(true));
    if (!usual) return;
    const UseAverage average(ema(), state_.parameters);
    learner_.show(showing(false));
  });
}

/// Of both kinds of weights or, when stopped meanwhile, of none: then it is made up for after the
/// interruption.
void Loop::validate() {
  if (state_.validated_at == state_.position.update) return;
  std::vector<std::pair<std::string, decltype(Record::value)>> found;
  const auto keep_as = [&found](const std::string& ending) {
    return [&found, ending](const std::string& name, const decltype(Record::value)& value) {
      found.emplace_back(name + ending, value);
    };
  };
  outside_of_training([&] {
    options_.cancel.check();
    learner_.validate(options_.cancel, keep_as(""));
    if (ema()) {
      const UseAverage average(ema(), state_.parameters);
      learner_.validate(options_.cancel, keep_as("_ema"));
    }
    for (const auto& [name, value] : found) log(name, value);
    state_.validated_at = state_.position.update;
  });
}

void Loop::checkpoint() {
  if (!saves()) return;
  const fs::path path = save_checkpoint(checkpoints(), state_, config_.keep_checkpoints);
  log("checkpoint", path.filename().string());
}

void Loop::stop() {
  checkpoint();
  for (const LoggerPtr& logger : options_.loggers) logger->finish();
  throw Error(concat("stopped after update ", state_.position.update, " of ", plan_.updates,
                     saves() ? "; saved, go on with: mezzotint resume " +
                                   shell_quoted(options_.folder.string())
                             : ""),
              ErrorKind::kCancelled);
}

TrainResult Loop::end() {
  validate();
  checkpoint();
  show(/*anew=*/state_.position.update > start_update_);
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
