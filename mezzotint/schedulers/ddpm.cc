#include "mezzotint/schedulers/ddpm.h"

#include <ATen/ops/ones.h>

#include "mezzotint/base/error.h"
#include "mezzotint/schedulers/discrete_scheduler.h"
#include "mezzotint/schedulers/scheduler_config.h"

namespace mezzotint {

Tensor ddpm_standard_deviation(const std::string& variance_type, const AlphaBars& abar,
                               const Tensor& predicted) {
  const Tensor beta = 1 - abar.now / abar.next;
  // The floor keeps the logarithm finite at the last step, where the variance is 0.
  const Tensor small = ((1 - abar.next) / (1 - abar.now) * beta).clamp_min(1e-20);
  if (variance_type == "fixed_small") return small.pow(0.5);
  if (variance_type == "fixed_small_log") return (0.5 * small.log()).exp();
  if (variance_type == "fixed_large") return beta.pow(0.5);
  // diffusers takes the root of this logarithm, which is NaN; what is meant is the variance beta.
  if (variance_type == "fixed_large_log") return (0.5 * beta.log()).exp();
  if (variance_type == "learned") return predicted.pow(0.5);
  const Tensor share = (predicted + 1) / 2;
  return (0.5 * (share * beta.log() + (1 - share) * small.log())).exp();
}

namespace {

bool learns_variance(const DDPMConfig& config) {
  return config.variance_type == "learned" || config.variance_type == "learned_range";
}

/// A network's output: the prediction, and the variance when it learns one.
struct Output {
  Tensor prediction;
  Tensor variance;
};

Output split_output(const DDPMConfig& config, const Tensor& output, const Tensor& sample) {
  if (!learns_variance(config)) {
    check_step_shapes("DDPM step", output, sample);
    return {output, {}};
  }
  const bool doubled =
      sample.dim() >= 2 && output.dim() == sample.dim() && output.size(1) == 2 * sample.size(1);
  MEZZO_CHECK(doubled, "DDPM step: variance_type ", config.variance_type,
              " needs a model with twice the sample's channels, got ", output.sizes(), " for ",
              sample.sizes());
  const std::vector<Tensor> halves = output.split(sample.size(1), 1);
  check_step_shapes("DDPM step", halves[0], sample);
  return {halves[0], halves[1]};
}

/// Ho et al. 2020, arXiv:2006.11239, algorithm 2. (schedulers/scheduling_ddpm.py.)
class DDPMScheduler final : public DiscreteScheduler {
 public:
  DDPMScheduler(const SchedulerConfig<DDPMConfig>& config, const TimestepRequest& request)
      : DiscreteScheduler(config.json, config.values.noise, request), config_(config.values) {}

  Tensor pred_original_sample(const Tensor& model_output, size_t i,
                              const Tensor& sample) const override {
    return x0_of(split_output(config_, model_output, sample), timestep(i), sample);
  }

  Step step(const Tensor& model_output, size_t i, const Tensor& sample, const DrawNoise& draw_noise,
            History& history) const override {
    static_cast<void>(history);
    const Output output = split_output(config_, model_output, sample);
    const int64_t t = timestep(i);
    const AlphaBars abar = {alpha_bar(t, one_), alpha_bar(next_timestep(i), one_)};
    const Tensor x0 = x0_of(output, t, sample);
    Tensor previous = posterior_mean(x0, sample, abar);
    if (t > 0) {
      MEZZO_CHECK(draw_noise, "DDPM step: needs noise at timestep ", t, ", got none");
      const Tensor deviation =
          ddpm_standard_deviation(config_.variance_type, abar, output.variance);
      previous = previous + deviation * draw_noise();
    }
    return {previous, x0};
  }

 private:
  Tensor x0_of(const Output& output, int64_t t, const Tensor& sample) const {
    return bound_x0(config_.prediction,
                    predict_x0(config_.prediction, output.prediction, sample, alpha_bar(t, one_)));
  }

  /// mu of q(x_next | x_now, x0): equation 7, for steps of any length.
  static Tensor posterior_mean(const Tensor& x0, const Tensor& sample, const AlphaBars& abar) {
    const Tensor alpha = abar.now / abar.next;
    const Tensor x0_share = (abar.next.pow(0.5) * (1 - alpha)) / (1 - abar.now);
    const Tensor sample_share = alpha.pow(0.5) * (1 - abar.next) / (1 - abar.now);
    return x0_share * x0 + sample_share * sample;
  }

  DDPMConfig config_;
  Tensor one_ = at::ones({}, at::kFloat);
};

SchedulerPtr make_ddpm(const nlohmann::json& json, int64_t num_inference_steps,
                       const StepOptions& options) {
  const auto config = read_scheduler_config<DDPMConfig>("DDPMScheduler", json);
  config.values.prediction.check();
  const TimestepRequest request = {config.values.noise.num_train_timesteps, num_inference_steps,
                                   config.values.timestep_spacing, config.values.steps_offset,
                                   options.timesteps};
  return std::make_shared<DDPMScheduler>(config, request);
}

const Registered<SchedulerFactory> kDDPM("DDPMScheduler", make_ddpm);

}  // namespace
}  // namespace mezzotint
