#pragma once

#include <string>

#include "mezzotint/schedulers/noise_schedule.h"
#include "mezzotint/schedulers/prediction.h"

namespace mezzotint {

/// scheduler_config.json of a DDPMScheduler.
struct DDPMConfig {
  NoiseScheduleConfig noise;
  PredictionConfig prediction;
  std::string variance_type = "fixed_small";
  std::string timestep_spacing = "leading";
  int64_t steps_offset = 0;

  void fields(auto& f) {
    noise.fields(f);
    prediction.fields(f);
    f("variance_type", variance_type, "how much noise a step adds",
      {"fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log", "learned",
       "learned_range"});
    f("timestep_spacing", timestep_spacing, "which timesteps are visited",
      {"leading", "trailing", "linspace"});
    f("steps_offset", steps_offset, "added to every timestep (leading)");
  }
};

/// alpha-bar of a step's timestep and of the one it goes to (1 after the last); float32 tensors
/// without dimensions.
struct AlphaBars {
  Tensor now;
  Tensor next;
};

/// The standard deviation of the noise that a step of DDPM adds: Ho et al. 2020, section 3.2;
/// learned_range: Nichol & Dhariwal 2021, arXiv:2102.09672, equation 15.
/// @param predicted the second half of the network's channels, shaped as the sample, in [-1, 1] for
/// learned_range; undefined for the fixed types.
/// @return no dimensions for a fixed type, else shaped as `predicted`.
Tensor ddpm_standard_deviation(const std::string& variance_type, const AlphaBars& abar,
                               const Tensor& predicted);

}  // namespace mezzotint
