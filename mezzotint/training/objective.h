#pragma once

#include <string>

#include "mezzotint/base/predict.h"

namespace mezzotint {

/// What a network is trained towards: the quantity it predicts, and the schedule that mixes picture
/// and noise.
struct Objective {
  Tensor alphas_cumprod;                    ///< [num_train_timesteps] float32
  std::string prediction_type = "epsilon";  ///< "epsilon", "sample" or "v_prediction"
};

/// The tensor that the network should give for these pictures: the noise (Ho et al. 2020, equation
/// 14), the clean picture, or v = sqrt(abar) noise - sqrt(1 - abar) x0 (Salimans and Ho 2022,
/// arXiv:2202.00512, appendix D). x0_bchw, noise_bchw [B, C, H, W] float32; timesteps_b [B] int64.
/// @throws Error (kUsage) for another prediction_type.
Tensor training_target(const Objective& objective, const Tensor& x0_bchw, const Tensor& noise_bchw,
                       const Tensor& timesteps_b);

/// What min-SNR weighting multiplies the error at each timestep with, [B] in [0, gamma]
/// (Hang et al. 2023, arXiv:2303.09556, section 3.4; diffusers' train_text_to_image.py with
/// --snr_gamma): with snr = abar / (1 - abar), min(snr, gamma) where the network predicts x0, over
/// snr where it predicts the noise, over snr + 1 where it predicts v. At no signal the second is 1.
/// @throws Error (kUsage) for another prediction_type.
Tensor snr_weights(const Objective& objective, double gamma, const Tensor& timesteps_b);

/// What a network is to learn from: pictures, the noise that it is to find in them, and how much.
struct Noisy {
  Tensor x0_bchw;
  Tensor noise_bchw;
  Tensor timesteps_b;
  Tensor seen_noise_bchw;  ///< what is added to the pictures in place of noise_bchw, if defined
};

/// Mean squared error of each picture, [B]: noise is added, the network asked, and compared with
/// the target. Their mean is the loss. Differentiable in whatever `predict` reads.
/// @throws Error when the network's output isn't shaped as the picture.
Tensor denoising_errors(const Objective& objective, const Predict& predict, const Noisy& noisy);

}  // namespace mezzotint
