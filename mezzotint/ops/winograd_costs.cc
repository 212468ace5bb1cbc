#include "mezzotint/ops/winograd_costs.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "mezzotint/kernels/matmul.h"
#include "mezzotint/kernels/winograd.h"

namespace mezzotint::ops {
namespace {

using kernels::WinogradShape;

/// A picture that is whole in tiles of either size, whose tiles fill register blocks, and that
/// outgrows the second cache.
constexpr size_t kHeight = 72, kWidth = 96, kChannels = 128, kFilterChannels = 256;
/// Rows of the product that is timed.
constexpr size_t kRows = 480;
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

/// A multiply-add of a product within the caches, as those of points are.
double product_cost() {
  const kernels::MatmulShape shape = {kChannels, kChannels};
  std::vector<float> x(kRows * kChannels, 0.5f), y(x.size()),
      packed(kernels::matmul_packed_size(shape), 0.01f);
  const kernels::MatmulInput input = {{x.data()}, {kChannels}, {kChannels}};
  const kernels::MatmulOutput output = {y.data(), kChannels};
  const double time =
      shortest([&] { kernels::matmul(shape, input, packed.data(), 0, kRows, output); });
  return time / static_cast<double>(kRows * kChannels * kChannels);
}

/// A pair of channels of a filter that is too large for the second cache, as those are that take
/// long.
double filter_cost(size_t tile) {
  const WinogradShape shape = {
      .in_channels = kFilterChannels, .out_channels = kFilterChannels, .tile = tile};
  constexpr size_t kPairs = kFilterChannels * kFilterChannels;
  std::vector<float> weight(9 * kPairs, 0.01f), filter(winograd_filter_size(shape));
  const double time = shortest([&] {
    winograd_filter(shape, weight.data(), false, 0, winograd_panels(shape), filter.data());
  });
  return time / kPairs;
}

/// Of a convolution with as many channels in as out. What its products don't take, its transforms
/// do.
TileCosts measured(size_t tile, double product) {
  const WinogradShape shape = {kHeight, kWidth, kChannels, kChannels, tile};
  const size_t block = winograd_block(shape);
  std::vector<float> x(kHeight * kWidth * kChannels, 0.5f), y(x.size()),
      weight(9 * kChannels * kChannels, 0.01f), filter(winograd_filter_size(shape)),
      scratch(winograd_forward_scratch_size(shape, block));
  const kernels::ConvInput input = {{x.data()}, {kChannels}};
  kernels::ConvOutput output;
  output.y = y.data();
  winograd_filter(shape, weight.data(), false, 0, winograd_panels(shape), filter.data());
  const double forward_time = shortest([&] {
    winograd_forward(shape, input, filter.data(), block, 0, shape.tiles_per_image(), scratch.data(),
                     output);
  });
  const auto tiles = static_cast<double>(shape.tiles_per_image()),
             points = static_cast<double>((tile + 2) * (tile + 2));
  constexpr auto kPairs = static_cast<double>(kChannels * kChannels);
  const double transforms = forward_time / tiles - points * kPairs * product;
  return {product, transforms / (2.0 * kChannels), filter_cost(tile)};
}

bool makes_sense(const TileCosts& costs) {
  return costs.product > 0 && costs.transform > 0 && costs.filter > 0;
}

const WinogradCosts& usual_costs() { return kUsualCosts; }

thread_local CostSource current = &usual_costs;

/// Floats of a filter that the last cache keeps from one block of tiles to the next, and what each
/// float beyond them costs a block: it comes from memory.
constexpr double kKeptFloats = 3 << 20, kMemoryFloat = 0.13;
/// What each float of a filter costs when it is first read, from wherever it was made.
constexpr double kNewFloat = 0.2;

/// What a convolution's blocks of tiles wait for the filter.
double waiting(const WinogradShape& shape, double tiles, double filter_floats) {
  if (tiles <= kFewTiles) return 0;
  return filter_floats * kNewFloat + tiles / static_cast<double>(winograd_block(shape)) *
                                         std::max(0.0, filter_floats - kKeptFloats) * kMemoryFloat;
}

double cost(const TileCosts& costs, WinogradPass pass, int64_t images, const WinogradShape& shape) {
  const auto tiles = static_cast<double>(images) * static_cast<double>(shape.tiles_per_image()),
             points = std::pow(static_cast<double>(shape.tile + (shape.doubled ? 1 : 2)), 2),
             in = static_cast<double>(shape.in_channels),
             out = static_cast<double>(shape.out_channels);
  return tiles * (points * in * out * costs.product + (in + out) * costs.transform) +
         in * out * costs.filter +
         (pass == WinogradPass::kConvolution ? waiting(shape, tiles, points * in * out) : 0);
}

}  // namespace

WinogradCosts measure_winograd_costs() {
  const double product = product_cost();
  const WinogradCosts costs = {measured(4, product), measured(6, product)};
  return makes_sense(costs.four) && makes_sense(costs.six) ? costs : kUsualCosts;
}

int64_t cheaper_tile(const WinogradCosts& costs, WinogradPass pass, int64_t images, int64_t height,
                     int64_t width, int64_t in_channels, int64_t out_channels, bool doubled) {
  const auto of = [&](const TileCosts& tile_costs, size_t tile) {
    const WinogradShape shape = {static_cast<size_t>(height),
                                 static_cast<size_t>(width),
                                 static_cast<size_t>(in_channels),
                                 static_cast<size_t>(out_channels),
                                 tile,
                                 doubled};
    return cost(tile_costs, pass, images, shape);
  };
  return of(costs.six, 6) < of(costs.four, 4) ? 6 : 4;
}

const WinogradCosts& winograd_costs() { return current(); }

CostSource winograd_cost_source() { return current; }

CostGuard::CostGuard(CostSource source) : before_(std::exchange(current, source)) {}

CostGuard::~CostGuard() { current = before_; }

}  // namespace mezzotint::ops
