#include "mezzotint/training/objective.h"

#include "mezzotint/base/error.h"
#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {
namespace {

[[noreturn]] void fail_unknown(const std::string& prediction_type) {
  fail_usage("training: unknown prediction_type '", prediction_type,
             "'; known: epsilon, sample, v_prediction");
}

}  // namespace

Tensor training_target(const Objective& objective, const Tensor& x0_bchw, const Tensor& noise_bchw,
                       const Tensor& timesteps_b) {
  if (objective.prediction_type == "epsilon") return noise_bchw;
  if (objective.prediction_type == "sample") return x0_bchw;
  if (objective.prediction_type != "v_prediction") fail_unknown(objective.prediction_type);
  return velocity(objective.alphas_cumprod, x0_bchw, noise_bchw, timesteps_b);
}

Tensor snr_weights(const Objective& objective, double gamma, const Tensor& timesteps_b) {
  const Tensor abar = objective.alphas_cumprod.index_select(0, timesteps_b);
  const Tensor snr = abar / (1 - abar);
  if (objective.prediction_type == "epsilon")
    return (gamma / snr).clamp_max(1);  // infinite, so 1, where there is no signal
  const Tensor bounded = snr.clamp_max(gamma);
  if (objective.prediction_type == "sample") return bounded;
  if (objective.prediction_type != "v_prediction") fail_unknown(objective.prediction_type);
  return bounded / (snr + 1);
}

Tensor denoising_errors(const Objective& objective, const Predict& predict, const Noisy& noisy) {
  const auto& [x0_bchw, noise_bchw, timesteps_b, seen_noise_bchw] = noisy;
  const Tensor& seen = seen_noise_bchw.defined() ? seen_noise_bchw : noise_bchw;
  const Tensor output =
      predict(add_noise(objective.alphas_cumprod, x0_bchw, seen, timesteps_b), timesteps_b);
  MEZZO_CHECK(output.sizes() == x0_bchw.sizes(), "training: the network gives ", output.sizes(),
              " for pictures of ", x0_bchw.sizes(),
              "; wanted the same shape (a learned variance isn't trained)");
  const Tensor error = output - training_target(objective, x0_bchw, noise_bchw, timesteps_b);
  return error.square().mean({1, 2, 3});
}

}  // namespace mezzotint
