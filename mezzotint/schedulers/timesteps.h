#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mezzotint {

/// Which of the training timesteps a sampling run visits. T below is num_train_timesteps, N the
/// number of steps.
struct TimestepRequest {
  int64_t num_train_timesteps = 1000;
  int64_t num_inference_steps = 0;  ///< 0: every training timestep
  std::string spacing = "leading";  ///< leading, trailing or linspace (Lin et al. 2023, table 2)
  int64_t steps_offset = 0;         ///< added to every timestep; leading only, as in diffusers
  std::vector<int64_t> custom;      ///< in place of all the above when not empty
};

/// The timesteps to visit, strictly descending, each in [0, T):
///   leading   k (T / N, whole part) + offset
///   trailing  round(T - k T/N) - 1, half to even
///   linspace  round(k (T - 1)/(N - 1)), half to even
/// as numpy computes them in diffusers. Where rounding gives diffusers' trailing list a 62nd entry,
/// -1, for N = 61 (and some other N), that entry is left out here.
/// @throws Error (kUsage) for N < 0 or N > T, for an offset that moves a timestep out of range, and
/// for a custom list that isn't descending or in range.
std::vector<int64_t> make_timesteps(const TimestepRequest& request);

}  // namespace mezzotint
