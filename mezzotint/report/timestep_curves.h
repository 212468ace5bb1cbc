#pragma once

#include <string>
#include <vector>

#include "mezzotint/report/plot.h"
#include "mezzotint/report/run_history.h"

namespace mezzotint {

/// The records of one stretch of timesteps: "loss_at/200-299".
struct TimestepTrace {
  int64_t first = 0;
  int64_t last = 0;
  const Trace* trace = nullptr;
};

/// The traces named PREFIX/FIRST-LAST that have values, from the least noise to the most.
std::vector<TimestepTrace> timestep_traces(const RunHistory& history, const std::string& prefix);

/// A line a stretch of timesteps by update, from pale (little noise) to dark, on a logarithmic
/// axis: which noise levels are still being learned.
Plot loss_by_timestep_plot(const std::vector<TimestepTrace>& traces, const std::string& title);

/// Timestep against loss: the mean of the first tenth of the reports, and of the last tenth.
Plot loss_profile_plot(const std::vector<TimestepTrace>& traces, const std::string& title);

}  // namespace mezzotint
