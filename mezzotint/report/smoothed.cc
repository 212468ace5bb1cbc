#include <cmath>

#include "mezzotint/base/error.h"
#include "mezzotint/report/plot.h"

namespace mezzotint {

std::vector<double> smoothed(const std::vector<double>& y, double weight) {
  MEZZO_CHECK(weight >= 0 && weight < 1, "smoothed: weight is ", weight, ", wanted 0 to below 1");
  std::vector<double> means;
  double sum = 0, total_weight = 0;
  for (const double value : y) {
    if (std::isfinite(value)) {
      sum = weight * sum + (1 - weight) * value;
      total_weight = weight * total_weight + (1 - weight);
    }
    means.push_back(total_weight > 0 ? sum / total_weight : std::nan(""));
  }
  return means;
}

}  // namespace mezzotint
