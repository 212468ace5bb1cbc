#pragma once

#include <string>

#include "mezzotint/schedulers/ddpm.h"
#include "mezzotint/schedulers/noise_schedule.h"
#include "mezzotint/schedulers/prediction.h"

namespace mezzotint {

/// scheduler_config.json of a DDIMScheduler.
struct DDIMConfig {
  NoiseScheduleConfig noise;
  PredictionConfig prediction;
  bool set_alpha_to_one = true;
  std::string timestep_spacing = "leading";
  int64_t steps_offset = 0;

  void fields(auto& f) {
    noise.fields(f);
    prediction.fields(f);
    f("set_alpha_to_one", set_alpha_to_one, "after the last step alpha-bar is 1, else alpha-bar_0");
    f("timestep_spacing", timestep_spacing, "which timesteps are visited",
      {"leading", "trailing", "linspace"});
    f("steps_offset", steps_offset, "added to every timestep (leading)");
  }
};

/// The variance of a step with eta = 1: Song et al. 2021, arXiv:2010.02502, equation 16.
Tensor ddim_variance(const AlphaBars& abar);

}  // namespace mezzotint
