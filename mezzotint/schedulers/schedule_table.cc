#include "mezzotint/schedulers/schedule_table.h"

#include <cmath>

namespace mezzotint {

std::vector<ScheduleRow> schedule_table(const Scheduler& scheduler) {
  const Tensor& abar = scheduler.alphas_cumprod();
  std::vector<ScheduleRow> rows;
  for (size_t i = 0; i < scheduler.timesteps().size(); ++i) {
    const double t = scheduler.timesteps()[i];
    const double signal = abar[static_cast<int64_t>(t)].item<double>();
    rows.push_back({i, t, signal, std::sqrt((1 - signal) / signal), signal / (1 - signal)});
  }
  return rows;
}

}  // namespace mezzotint
