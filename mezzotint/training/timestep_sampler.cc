#include "mezzotint/training/timestep_sampler.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/zeros.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

/// Timesteps from `first` on, before `last`.
struct TimestepRange {
  int64_t first = 0;
  int64_t last = 0;
  int64_t size() const { return last - first; }
  /// Those that fractions [B] in [0, 1) of the range fall on.
  Tensor at(const Tensor& fractions_b) const {
    return (fractions_b * static_cast<double>(size())).floor().to(at::kLong).clamp_max(size() - 1) +
           first;
  }
};

class Uniform : public TimestepSampler {
 public:
  explicit Uniform(const TimestepRange& range) : range_(range) {}
  DrawnTimesteps draw(int64_t pictures, RandomStream& stream) override {
    return {stream.randint(range_.first, range_.last, {pictures}), {}};
  }

 private:
  TimestepRange range_;
};

class Stratified : public TimestepSampler {
 public:
  explicit Stratified(const TimestepRange& range) : range_(range) {}
  DrawnTimesteps draw(int64_t pictures, RandomStream& stream) override {
    const Tensor parts_b = at::arange(pictures, at::kDouble) + stream.rand({pictures});
    return {range_.at(parts_b / static_cast<double>(pictures)), {}};
  }

 private:
  TimestepRange range_;
};

class LogitNormal : public TimestepSampler {
 public:
  LogitNormal(const TimestepRange& range, double mean, double deviation)
      : range_(range), mean_(mean), deviation_(deviation) {}
  DrawnTimesteps draw(int64_t pictures, RandomStream& stream) override {
    return {range_.at(at::sigmoid(stream.randn({pictures}) * deviation_ + mean_)), {}};
  }

 private:
  TimestepRange range_;
  double mean_, deviation_;
};

class LossSecondMoment : public TimestepSampler {
 public:
  explicit LossSecondMoment(const TimestepRange& range)
      : range_(range),
        parts_(std::min(kParts, range.size())),
        history_(at::zeros({parts_, kHistory}, at::kDouble)),
        seen_(at::zeros({parts_}, at::kLong)) {}

  DrawnTimesteps draw(int64_t pictures, RandomStream& stream) override {
    const std::vector<double> shares = probabilities();
    const Tensor which = stream.rand({pictures}), within = stream.rand({pictures}),
                 fractions_b = at::empty({pictures}, at::kDouble),
                 weights_b = at::empty({pictures});
    for (int64_t i = 0; i < pictures; ++i) {
      const int64_t part = part_at(shares, which[i].item<float>());
      fractions_b[i] =
          (static_cast<double>(part) + within[i].item<float>()) / static_cast<double>(parts_);
      weights_b[i] = 1 / (static_cast<double>(parts_) * shares[static_cast<size_t>(part)]);
    }
    return {range_.at(fractions_b), weights_b};
  }

  /// The newest loss takes the place of the oldest.
  void observe(const Tensor& timesteps_b, const Tensor& errors_b) override {
    for (int64_t i = 0; i < timesteps_b.size(0); ++i) {
      const int64_t part = (timesteps_b[i].item<int64_t>() - range_.first) * parts_ / range_.size();
      const auto count = seen_[part].item<int64_t>();
      history_[part][count % kHistory] = errors_b[i].item<double>();
      seen_[part] = count + 1;
    }
  }

  Weights state() const override {
    Weights all;
    all.set("timestep_sampler.history", history_);
    all.set("timestep_sampler.seen", seen_);
    return all;
  }

 private:
  static constexpr int64_t kParts = 100;
  static constexpr int64_t kHistory = 10;
  static constexpr double kEvenShare = 0.001;  ///< spread over all, so that none is forgotten

  std::vector<double> probabilities() const {
    std::vector<double> shares(static_cast<size_t>(parts_), 1.0 / static_cast<double>(parts_));
    if (seen_.min().item<int64_t>() < kHistory) return shares;
    const Tensor roots = history_.square().mean(1).sqrt();
    const auto sum = roots.sum().item<double>();
    if (!(sum > 0) || !std::isfinite(sum)) return shares;
    for (int64_t part = 0; part < parts_; ++part) {
      double& share = shares[static_cast<size_t>(part)];
      share = (1 - kEvenShare) * roots[part].item<double>() / sum + kEvenShare * share;
    }
    return shares;
  }

  int64_t part_at(const std::vector<double>& shares, double fraction) const {
    double below = 0;
    for (int64_t part = 0; part + 1 < parts_; ++part) {
      below += shares[static_cast<size_t>(part)];
      if (fraction < below) return part;
    }
    return parts_ - 1;
  }

  TimestepRange range_;
  int64_t parts_;
  Tensor history_;  ///< [parts, kHistory] losses
  Tensor seen_;     ///< [parts] how many there were
};

}  // namespace

std::unique_ptr<TimestepSampler> make_timestep_sampler(const TrainConfig& config,
                                                       int64_t num_train_timesteps) {
  const TimestepRange range = {config.min_timestep,
                               config.max_timestep > 0 ? config.max_timestep : num_train_timesteps};
  if (range.last > num_train_timesteps || range.size() <= 0)
    fail_usage("training: timesteps from ", range.first, " before ", range.last,
               "; wanted some of 0 to ", num_train_timesteps - 1, ", which the model has");
  if (config.timestep_sampler == "uniform") return std::make_unique<Uniform>(range);
  if (config.timestep_sampler == "stratified") return std::make_unique<Stratified>(range);
  if (config.timestep_sampler == "logit_normal")
    return std::make_unique<LogitNormal>(range, config.logit_mean, config.logit_std);
  if (config.timestep_sampler == "loss_second_moment")
    return std::make_unique<LossSecondMoment>(range);
  fail_usage("timestep_sampler: unknown value '", config.timestep_sampler,
             "'; known: uniform, stratified, logit_normal, loss_second_moment");
}

}  // namespace mezzotint
