#pragma once

#include <vector>

#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {

/// How noisy the samples of one step are.
struct ScheduleRow {
  size_t step;
  double timestep;
  double alpha_cumprod;  ///< alpha-bar: the share of the picture's variance, 1 clean .. 0 noise
  double sigma;          ///< sqrt((1 - abar)/abar): noise for each unit of picture; infinite at 0
  double snr;            ///< abar/(1 - abar): signal to noise, of powers
};

/// A row for each step of the plan, in the order of sampling.
std::vector<ScheduleRow> schedule_table(const Scheduler& scheduler);

}  // namespace mezzotint
