#include "mezzotint/ops/winograd_costs.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "mezzotint/kernels/winograd.h"

namespace mezzotint::ops {
namespace {

using kernels::WinogradShape;

/// A picture that is whole in tiles of either size, and whose tiles fill register blocks.
constexpr size_t kHeight = 36, kWidth = 48, kFew = 64, kMany = 128;
constexpr int kRuns = 5;

/// The shortest of some runs, in nanoseconds.
template <class Body>
double shortest(const Body& body) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    const Clock::time_point start = Clock::now();
    body();
    const double time = std::chrono::duration<double, std::nano>(Clock::now() - start).count();
    best = run == 0 ? time : std::min(best, time);
  }
  return best;
}

struct Times {
  double filter, forward;
};

/// Of a convolution of one picture with as many channels in as out.
Times times_of(size_t tile, size_t channels) {
  const WinogradShape shape = {kHeight, kWidth, channels, channels, tile};
  std::vector<float> x(kHeight * kWidth * channels, 0.5f), y(x.size()),
      weight(9 * channels * channels, 0.01f), filter(winograd_filter_size(shape)),
      scratch(winograd_scratch_size(shape));
  const kernels::ConvInput input = {{x.data()}, {channels}};
  kernels::ConvOutput output;
  output.y = y.data();
  const double filter_time = shortest([&] {
    winograd_filter(shape, weight.data(), false, 0, winograd_panels(shape), filter.data());
  });
  return {filter_time, shortest([&] {
            winograd_forward(shape, input, filter.data(), 0, shape.tiles_per_image(),
                             scratch.data(), output);
          })};
}

/// Products grow with the square of the channels, transforms with the channels: two widths tell one
/// from the other.
TileCosts measured(size_t tile) {
  const Times few = times_of(tile, kFew), many = times_of(tile, kMany);
  const size_t down = kHeight / tile, across = kWidth / tile;
  const auto tiles = static_cast<double>(down * across),
             points = static_cast<double>((tile + 2) * (tile + 2));
  const double products = kMany * kMany - 2.0 * kFew * kFew;
  TileCosts costs;
  costs.product = (many.forward - 2 * few.forward) / (tiles * points * products);
  costs.transform = (few.forward / tiles - points * kFew * kFew * costs.product) / (2.0 * kFew);
  costs.filter = many.filter / (kMany * kMany);
  return costs;
}

bool makes_sense(const TileCosts& costs) {
  return costs.product > 0 && costs.transform > 0 && costs.filter > 0;
}

const WinogradCosts& usual_costs() { return kUsualCosts; }

thread_local CostSource current = &usual_costs;

double cost(const TileCosts& costs, int64_t tile, int64_t tiles, double in, double out) {
  const auto points = static_cast<double>((tile + 2) * (tile + 2));
  return static_cast<double>(tiles) *
             (points * in * out * costs.product + (in + out) * costs.transform) +
         in * out * costs.filter;
}

}  // namespace

WinogradCosts measure_winograd_costs() {
  const WinogradCosts costs = {measured(4), measured(6)};
  return makes_sense(costs.four) && makes_sense(costs.six) ? costs : kUsualCosts;
}

int64_t cheaper_tile(const WinogradCosts& costs, int64_t images, int64_t height, int64_t width,
                     int64_t in_channels, int64_t out_channels) {
  const auto of = [&](const TileCosts& tile_costs, int64_t tile) {
    const int64_t tiles = images * ((height + tile - 1) / tile) * ((width + tile - 1) / tile);
    return cost(tile_costs, tile, tiles, static_cast<double>(in_channels),
                static_cast<double>(out_channels));
  };
  return of(costs.six, 6) < of(costs.four, 4) ? 6 : 4;
}

const WinogradCosts& winograd_costs() { return current(); }

CostSource winograd_cost_source() { return current; }

CostGuard::CostGuard(CostSource source) : before_(std::exchange(current, source)) {}

CostGuard::~CostGuard() { current = before_; }

}  // namespace mezzotint::ops
