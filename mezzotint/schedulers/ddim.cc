#include "mezzotint/schedulers/ddim.h"

#include <ATen/ops/ones.h>

#include "mezzotint/base/error.h"
#include "mezzotint/schedulers/discrete_scheduler.h"
#include "mezzotint/schedulers/scheduler_config.h"

namespace mezzotint {

Tensor ddim_variance(const AlphaBars& abar) {
  return ((1 - abar.next) / (1 - abar.now)) * (1 - abar.now / abar.next);
}

namespace {

/// Song et al. 2021, arXiv:2010.02502, equations 12 and 16. (schedulers/scheduling_ddim.py.)
class DDIMScheduler final : public DiscreteScheduler {
 public:
  DDIMScheduler(const SchedulerConfig<DDIMConfig>& config, const TimestepRequest& request,
                const StepOptions& options)
      : DiscreteScheduler(config.json, config.values.noise, request),
        config_(config.values),
        options_(options),
        after_last_(config_.set_alpha_to_one ? at::ones({}, at::kFloat)
                                             : alphas_cumprod().select(0, 0)),
        from_plan_(options.previous_from_plan || !options.timesteps.empty()),
        stride_(config_.noise.num_train_timesteps / static_cast<int64_t>(timesteps().size())) {}

  Tensor pred_original_sample(const Tensor& model_output, size_t i,
                              const Tensor& sample) const override {
    check_step_shapes("DDIM step", model_output, sample);
    const Tensor abar = alpha_bar(timestep(i), after_last_);
    return bound_x0(config_.prediction, predict_x0(config_.prediction, model_output, sample, abar));
  }

  Step step(const Tensor& model_output, size_t i, const Tensor& sample, const DrawNoise& draw_noise,
            History& history) const override {
    static_cast<void>(history);
    const Tensor x0 = pred_original_sample(model_output, i, sample);
    const int64_t t = timestep(i);
    // diffusers goes a fixed stride down, whatever the next timestep of its plan is.
    const int64_t next = from_plan_ ? next_timestep(i) : t - stride_;
    const AlphaBars abar = {alpha_bar(t, after_last_), alpha_bar(next, after_last_)};
    const Tensor eps = options_.use_clipped_model_output
                           ? (sample - abar.now.pow(0.5) * x0) / (1 - abar.now).pow(0.5)
                           : predict_eps(config_.prediction, model_output, sample, abar.now);
    const Tensor sigma = ddim_variance(abar).pow(0.5) * options_.eta;
    Tensor previous = abar.next.pow(0.5) * x0 + (1 - abar.next - sigma.pow(2)).pow(0.5) * eps;
    if (options_.eta > 0) {
      MEZZO_CHECK(draw_noise, "DDIM step: eta ", options_.eta, " needs noise, got none");
      previous = previous + sigma * draw_noise();
    }
    return {previous, x0};
  }

 private:
  DDIMConfig config_;
  StepOptions options_;
  Tensor after_last_;  ///< alpha-bar after the last step
  bool from_plan_;
  int64_t stride_;
};

SchedulerPtr make_ddim(const nlohmann::json& json, int64_t num_inference_steps,
                       const StepOptions& options) {
  if (!(options.eta >= 0 && options.eta <= 1))
    fail_usage("DDIM: eta is ", options.eta, ", wanted 0 (no noise) to 1 (as much as DDPM)");
  const auto config = read_scheduler_config<DDIMConfig>("DDIMScheduler", json);
  config.values.prediction.check();
  const TimestepRequest request = {config.values.noise.num_train_timesteps, num_inference_steps,
                                   config.values.timestep_spacing, config.values.steps_offset,
                                   options.timesteps};
  return std::make_shared<DDIMScheduler>(config, request, options);
}

const Registered<SchedulerFactory> kDDIM("DDIMScheduler", make_ddim);

}  // namespace
}  // namespace mezzotint
