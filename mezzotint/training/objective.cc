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

Tensor snr_weights(const Objective& objective, const Tensor& timesteps_b) {
  const Tensor abar = objective.alphas_cumprod.index_select(0, timesteps_b);
  const Tensor snr = abar / (1 - abar);
  if (objective.prediction_type == "epsilon")
    return (objective.snr_gamma / snr).clamp_max(1);  // infinite, so 1, where there is no signal
  const Tensor bounded = snr.clamp_max(objective.snr_gamma);
  if (objective.prediction_type == "sample") return bounded;
  if (objective.prediction_type != "v_prediction") fail_unknown(objective.prediction_type);
  return bounded / (snr + 1);
}

Tensor denoising_losses(const Objective& objective, const Predict& predict, const Tensor& x0_bchw,
                        const Tensor& noise_bchw, const Tensor& timesteps_b) {
  const Tensor noisy = add_noise(objective.alphas_cumprod, x0_bchw, noise_bchw, timesteps_b);
  const Tensor output = predict(noisy, timesteps_b);
  MEZZO_CHECK(output.sizes() == x0_bchw.sizes(), "training: the network gives ", output.sizes(),
              " for pictures of ", x0_bchw.sizes(),
              "; wanted the same shape (a learned variance isn't trained)");
  const Tensor error = output - training_target(objective, x0_bchw, noise_bchw, timesteps_b);
  const Tensor losses_b = error.square().mean({1, 2, 3});
  return objective.snr_gamma > 0 ? losses_b * snr_weights(objective, timesteps_b) : losses_b;
}

}  // namespace mezzotint
