#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// How much noise each training timestep adds: the keys that every scheduler's configuration begins
/// with.
struct NoiseScheduleConfig {
  int64_t num_train_timesteps = 1000;
  double beta_start = 0.0001;
  double beta_end = 0.02;
  std::string beta_schedule = "linear";
  std::optional<std::vector<double>> trained_betas;
  bool rescale_betas_zero_snr = false;

  void fields(auto& f) {
    f("num_train_timesteps", num_train_timesteps, "timesteps that the model was trained on");
    f("beta_start", beta_start, "variance added at the first timestep");
    f("beta_end", beta_end, "variance added at the last timestep");
    f("beta_schedule", beta_schedule, "how beta goes from the first to the last timestep",
      {"linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", "laplace"});
    f("trained_betas", trained_betas, "the betas themselves, in place of a formula");
    f("rescale_betas_zero_snr", rescale_betas_zero_snr, "let the last timestep be pure noise");
  }
};

/// The variances beta_t of the forward process, [num_train_timesteps] float32, by the same
/// operations in the same precision as diffusers, so that every bit agrees (on CPUs with the same
/// vector instructions). Sources: linear, Ho et al. 2020, arXiv:2006.11239; squaredcos_cap_v2,
/// Nichol & Dhariwal 2021, arXiv:2102.09672, equation 17; zero terminal SNR, Lin et al. 2023,
/// arXiv:2305.08891, algorithm 1.
/// @throws Error when the length of trained_betas isn't num_train_timesteps, or a beta is outside
/// [0, 1].
Tensor make_betas(const NoiseScheduleConfig& config);

/// alpha-bar_t, the product of 1 - beta up to t, [num_train_timesteps] float32.
Tensor make_alphas_cumprod(const Tensor& betas);

}  // namespace mezzotint
