#include "mezzotint/training/lr_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mezzotint {

double lr_factor(const TrainConfig& config, int64_t update, int64_t epoch, int64_t total_updates) {
  double factor = 1.0;
  if (update < config.warmup)
    factor = static_cast<double>(update) / static_cast<double>(config.warmup);
  if (config.lr_schedule == "exponential")
    return factor * std::pow(config.lr_gamma, static_cast<double>(epoch));
  if (config.lr_schedule == "constant" || update < config.warmup) return factor;
  const double done = static_cast<double>(update - config.warmup) /
                      static_cast<double>(std::max<int64_t>(1, total_updates - config.warmup));
  if (config.lr_schedule == "linear") return std::max(0.0, 1.0 - done);
  return std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * done)));
}

}  // namespace mezzotint
