#include "mezzotint/training/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>

#include "mezzotint/base/fields.h"
#include "mezzotint/base/tensor.h"

namespace mezzotint {
namespace {

constexpr int kSmallestExponent = -40;
// A float32 without its sign: 8 bits of exponent, then the mantissa, of which the first 3 count.
constexpr int kDroppedBits = 20;
constexpr int64_t kFirstPattern = (127 + kSmallestExponent) << 3;  ///< of 2^-40

/// Where a bucket's magnitudes begin. @param k 1 ... kLargest + 1.
double lower_magnitude(int64_t k) {
  const int64_t pattern = k - 1;
  return std::ldexp(1.0 + static_cast<double>(pattern & 7) / 8.0,
                    static_cast<int>(pattern >> 3) + kSmallestExponent);
}

int64_t bucket_of(float value) {
  const int64_t pattern = std::bit_cast<uint32_t>(std::abs(value)) >> kDroppedBits;
  const int64_t k = std::max<int64_t>(pattern - kFirstPattern + 1, 0);
  return value < 0 ? -k : k;
}

}  // namespace

double bucket_upper(int64_t bucket) {
  return bucket >= 0 ? lower_magnitude(bucket + 1) : -lower_magnitude(-bucket);
}

double bucket_lower(int64_t bucket) { return -bucket_upper(-bucket); }

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

Histogram histogram_from_json(const nlohmann::json& json, const std::string& where) {
  Histogram histogram;
  from_json(histogram, json, where);
  const auto size = static_cast<int64_t>(histogram.counts.size());
  const int64_t end = Histogram::kLargest + 1;  // behind the last bucket
  MEZZO_CHECK(histogram.first > -end && histogram.first < end && size <= end - histogram.first,
              where, ": got ", size, " buckets from ", histogram.first, " on, wanted buckets from ",
              1 - end, " to ", end - 1);
  return histogram;
}

}  // namespace mezzotint
