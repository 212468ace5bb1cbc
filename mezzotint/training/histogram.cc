#include "mezzotint/training/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "mezzotint/base/fields.h"

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

}  // namespace

int64_t bucket_of(float value) {
  const int64_t pattern = std::bit_cast<uint32_t>(std::abs(value)) >> kDroppedBits;
  const int64_t k = std::max<int64_t>(pattern - kFirstPattern + 1, 0);
  return value < 0 ? -k : k;
}

double bucket_upper(int64_t bucket) {
  return bucket >= 0 ? lower_magnitude(bucket + 1) : -lower_magnitude(-bucket);
}

double bucket_lower(int64_t bucket) { return -bucket_upper(-bucket); }

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
