#pragma once

#include <cstdint>
#include <vector>

#include "mezzotint/training/position.h"

namespace mezzotint {

/// A number that a run logs again and again, in bounded memory: where there are too many values,
/// the means of equally many neighbours stand for them. What isn't finite is passed over.
class Trace {
 public:
  /// One value, or the mean of neighbours; so are the places.
  struct Point {
    double micro_batch = 0;
    double update = 0;
    double images = 0;
    double value = 0;
  };

  void add(const Position& at, double value);
  /// Forgets what came after this micro-batch: a run that goes on from a checkpoint says it again.
  /// Of neighbours that share a mean, those before it may go too.
  void drop_after(int64_t micro_batch);

  /// In order; at most 2000.
  std::vector<Point> points() const;
  int64_t count() const { return count_; }  ///< values that were added
  int64_t width() const { return width_; }  ///< values behind each point but the last

 private:
  struct Sum {
    Point total;
    int64_t count = 0;
    int64_t last = 0;  ///< micro-batch of the newest value in it
  };
  void merge_pairs();

  std::vector<Sum> sums_;
  int64_t width_ = 1;
  int64_t count_ = 0;
};

/// The mean value of the first and of the last tenth of the points, one point at least.
double first_tenth_mean(const std::vector<Trace::Point>& points);
double last_tenth_mean(const std::vector<Trace::Point>& points);

}  // namespace mezzotint
