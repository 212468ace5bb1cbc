#pragma once

#include <cstdint>

namespace mezzotint::ops {

/// What the parts of a Winograd convolution by tiles of one size cost, in nanoseconds of one
/// thread.
struct TileCosts {
  double product = 0;    ///< a multiply-add of a point
  double transform = 0;  ///< an input or output channel of a tile, there and back
  double filter = 0;     ///< a pair of channels of the filter

  bool operator==(const TileCosts&) const = default;
};

/// What decides which size of tile a convolution takes.
struct WinogradCosts {
  TileCosts four, six;
  bool operator==(const WinogradCosts&) const = default;
};

/// Of a machine with two pipes for AVX-512 and 1 MB of second cache a core.
inline constexpr WinogradCosts kUsualCosts = {{0.0075, 5, 4}, {0.0075, 14.5, 9}};

/// Measures them on this machine, one thread, in some forty milliseconds. kUsualCosts when the
/// figures make no sense, as on a machine that does something else at the moment.
WinogradCosts measure_winograd_costs();

/// With so few tiles the filter is made panel by panel and never written to memory.
inline constexpr int64_t kFewTiles = 64;

/// Which passes read a transformed filter: all but the weight's gradient.
enum class WinogradPass { kConvolution, kWeightGrad };

/// Samples along a side of the cheaper tile, 4 or 6; `doubled` as in kernels::WinogradShape.
int64_t cheaper_tile(const WinogradCosts& costs, WinogradPass pass, int64_t images, int64_t height,
                     int64_t width, int64_t in_channels, int64_t out_channels,
                     bool doubled = false);

/// Called at every convolution within a guard's life; may measure at the first.
using CostSource = const WinogradCosts& (*)();

/// Which costs this thread's convolutions go by: kUsualCosts without a guard.
const WinogradCosts& winograd_costs();
/// The same as a source, for a guard on another thread.
CostSource winograd_cost_source();

/// Sets the calling thread's source of costs for as long as it lives. Results differ in rounding
/// between tiles of four and of six, so a program that wants the same bits from run to run gives
/// the same costs.
class CostGuard {
 public:
  explicit CostGuard(CostSource source);
  ~CostGuard();
  CostGuard(const CostGuard&) = delete;
  CostGuard& operator=(const CostGuard&) = delete;

 private:
  CostSource before_;
};

}  // namespace mezzotint::ops
