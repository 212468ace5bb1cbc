#include "mezzotint/training/objective.h"

#include "mezzotint/base/error.h"
#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {

Tensor training_target(const Objective& objective, const Tensor& x0_bchw, const Tensor& noise_bchw,
                       const Tensor& timesteps_b) {
  if (objective.prediction_type == "epsilon") return noise_bchw;
  if (objective.prediction_type == "sample") return x0_bchw;
  if (objective.prediction_type != "v_prediction")
    fail_usage("training: unknown prediction_type '", objective.prediction_type,
               "'; known: epsilon, sample, v_prediction");
  return velocity(objective.alphas_cumprod, x0_bchw, noise_bchw, timesteps_b);
}

Tensor denoising_losses(const Objective& objective, const Predict& predict, const Tensor& x0_bchw,
                        const Tensor& noise_bchw, const Tensor& timesteps_b) {
  const Tensor noisy = add_noise(objective.alphas_cumprod, x0_bchw, noise_bchw, timesteps_b);
  const Tensor output = predict(noisy, timesteps_b);
  MEZZO_CHECK(output.sizes() == x0_bchw.sizes(), "training: the network gives ", output.sizes(),
              " for pictures of ", x0_bchw.sizes(),
              "; wanted the same shape (a learned variance isn't trained)");
  const Tensor error = output - training_target(objective, x0_bchw, noise_bchw, timesteps_b);
  return error.square().mean({1, 2, 3});
}

}  // namespace mezzotint
