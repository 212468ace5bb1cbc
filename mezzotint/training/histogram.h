#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace mezzotint {

/// How the values of a tensor are spread (histogram_of.h takes it). The buckets stand on one grid
/// for all tensors, so that histograms of different times compare: eight to each doubling of the
/// magnitude, from 2^-40 to float's largest, for either sign. That is as fine as TensorFlow's,
/// which grow by a tenth, but their edges are exact numbers, and a value's bucket can be read off
/// its bits.
///
/// Bucket 0 takes magnitudes below 2^-40 (1e-12) and zero; k = 1 ... kLargest those of
/// [lower(k), lower(k + 1)), where lower(1 + 8 e + m) = 2^(e - 40) (1 + m / 8); -k the same below
/// zero.
struct Histogram {
  static constexpr int64_t kLargest = 1344;

  int64_t count = 0;       ///< finite values
  int64_t not_finite = 0;  ///< NaN and infinities: they are in none of what follows
  double min = 0.0;        ///< 0 when there are none
  double max = 0.0;
  double sum = 0.0;
  double sum_squares = 0.0;
  int64_t first = 0;            ///< the bucket of counts[0]
  std::vector<int64_t> counts;  ///< of neighbouring buckets; the first and last aren't 0
  void fields(auto& f) {
    f("count", count);
    f("not_finite", not_finite);
    f("min", min);
    f("max", max);
    f("sum", sum);
    f("sum_squares", sum_squares);
    f("first", first);
    f("counts", counts);
  }
};

/// The bucket of a finite value.
int64_t bucket_of(float value);

/// Where a bucket begins and ends. @param bucket -kLargest ... kLargest.
double bucket_lower(int64_t bucket);
double bucket_upper(int64_t bucket);

/// From the object that to_json makes. @throws Error naming `where`, also for buckets off the grid.
Histogram histogram_from_json(const nlohmann::json& json, const std::string& where);

}  // namespace mezzotint
