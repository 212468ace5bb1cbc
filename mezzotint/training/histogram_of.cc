#include "mezzotint/training/histogram_of.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace mezzotint {

Histogram histogram_of(const Tensor& tensor) {
  Tensor values = tensor.detach().to(at::kCPU, at::kFloat);
  if (!values.is_non_overlapping_and_dense()) values = values.contiguous();
  Histogram histogram;
  double least = std::numeric_limits<double>::infinity(), most = -least;
  std::vector<int64_t> table(2 * Histogram::kLargest + 1);
  for (const float value :
       std::span(values.const_data_ptr<float>(), static_cast<size_t>(values.numel()))) {
    if (!std::isfinite(value)) {
      ++histogram.not_finite;
      continue;
    }
    const double wide = value;
    ++table[static_cast<size_t>(bucket_of(value) + Histogram::kLargest)];
    least = std::min(least, wide);
    most = std::max(most, wide);
    histogram.sum += wide;
    histogram.sum_squares += wide * wide;
  }
  histogram.count = values.numel() - histogram.not_finite;
  if (histogram.count == 0) return histogram;
  histogram.min = least;
  histogram.max = most;
  histogram.first = bucket_of(static_cast<float>(least));
  const auto begin = table.begin() + Histogram::kLargest;
  histogram.counts.assign(begin + histogram.first, begin + bucket_of(static_cast<float>(most)) + 1);
  return histogram;
}

}  // namespace mezzotint
