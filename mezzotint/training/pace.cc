#include "mezzotint/training/pace.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include "mezzotint/base/random.h"
#include "mezzotint/pipelines/cost.h"
#include "mezzotint/training/denoising_learner.h"
#include "mezzotint/training/trainer.h"

namespace mezzotint {
namespace {

using Clock = std::chrono::steady_clock;

/// Operations after which a measurement has been long enough: some seconds on a slow machine.
constexpr double kMostWork = 1e12;
/// One that is quicker is repeated.
constexpr double kLeastSeconds = 1;
/// The updates that are tried are a share of the run's.
constexpr int64_t kShare = 4, kLeastLaps = 3, kMostLaps = 12;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The quarter that was quickest ends here: others on the machine slow a moment down, and hardly a
/// whole run.
double lower_quartile(std::vector<double> values) {
  const size_t place = values.size() / 4;
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(place));
  return values[place];
}

/// The seconds of each update but the first; stops the run when that is enough.
class Laps : public Logger {
 public:
  explicit Laps(CancelToken enough) : enough_(std::move(enough)), last_(begin_) {}
  void log(const Record& record) override {
    if (record.name != "loss") return;
    const Clock::time_point now = Clock::now();
    if (record.at.update > 1)
      seconds_.push_back(std::chrono::duration<double>(now - last_).count());
    last_ = now;
    if (seconds_.size() > 1 && seconds_since(begin_) > kLeastSeconds) enough_.cancel();
  }
  const std::vector<double>& seconds() const { return seconds_; }

 private:
  CancelToken enough_;
  Clock::time_point begin_ = Clock::now(), last_;
  std::vector<double> seconds_;
};

Batch of_noise(const Pipeline& pipeline, int64_t pictures, int64_t height, int64_t width) {
  Batch batch{RandomStream(0).randn({pictures, pipeline.image_channels(), height, width}), {}};
  if (pipeline.class_count() > 0) batch.label_b = at::zeros({pictures}, at::kLong);
  return batch;
}

double micro_batch_seconds(const Pipeline& pipeline, TrainConfig config, int64_t height,
                           int64_t width, int64_t laps_at_most) {
  config.lr = 0;
  config.grad_accumulation_steps = 1;
  config.num_epochs = 1;
  config.max_train_steps = laps_at_most;
  config.sample_count = config.validation_count = 0;
  config.log_histograms_every = 0;
  config.on_nonfinite = config.on_nonfinite == "skip" ? "skip" : "stop";
  const Batch batch = of_noise(pipeline, config.batch_size, height, width);
  DenoisingLearner learner(pipeline, {laps_at_most, [&](int64_t, int64_t) { return batch; }},
                           config, {});
  TrainOptions options;
  options.config = config;
  const auto laps = std::make_shared<Laps>(options.cancel);
  options.loggers = {laps};
  try {
    train(learner, options);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kUsage) throw;  // what else is wrong the run itself will say
  }
  return laps->seconds().empty() ? 0 : lower_quartile(laps->seconds());
}

double sampled_seconds(const Pipeline& pipeline, int64_t pictures, int64_t height, int64_t width) {
  const c10::NoGradGuard no_gradients;
  const Batch batch = of_noise(pipeline, pictures, height, width);
  const Predict predict = pipeline.predict(batch.label_b);
  const Tensor t = at::full({pictures}, 500, at::kLong);
  predict(batch.x0_bchw, t);
  std::vector<double> seconds;
  for (const Clock::time_point begin = Clock::now();
       seconds.empty() || (seconds_since(begin) < kLeastSeconds / 4);) {
    const Clock::time_point start = Clock::now();
    predict(batch.x0_bchw, t);
    seconds.push_back(seconds_since(start));
  }
  return lower_quartile(seconds) / static_cast<double>(pictures);
}

}  // namespace

Pace measure_pace(const Pipeline& pipeline, const TrainConfig& config, int64_t height,
                  int64_t width, int64_t updates) {
  constexpr double kWithBackward = 3;
  const double work = forward_flops(*pipeline.unet, height, width);
  TrainConfig smaller = config;
  while (smaller.batch_size > 1 &&
         kWithBackward * work * static_cast<double>(smaller.batch_size) > kMostWork)
    smaller.batch_size = (smaller.batch_size + 1) / 2;
  const double scale =
      static_cast<double>(config.batch_size) / static_cast<double>(smaller.batch_size);
  const int64_t shown = std::clamp<int64_t>(
      std::min({config.batch_size, config.sample_count, static_cast<int64_t>(kMostWork / work)}), 1,
      config.batch_size);
  const int64_t laps = std::clamp(updates / kShare, kLeastLaps, kMostLaps);
  return {scale * micro_batch_seconds(pipeline, smaller, height, width, laps),
          sampled_seconds(pipeline, shown, height, width)};
}

}  // namespace mezzotint
