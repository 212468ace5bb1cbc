#include "mezzotint/ops/winograd_costs.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "mezzotint/kernels/matmul.h"
#include "mezzotint/kernels/winograd.h"

namespace mezzotint::ops {
namespace {

using kernels::WinogradShape;

/// A picture that is whole in tiles of either size, and whose tiles fill register blocks.
constexpr size_t kHeight = 36, kWidth = 48, kChannels = 128;
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

/// Of a convolution with as many channels in as out. What its products don't take, its transforms
/// do.
TileCosts measured(size_t tile, double product) {
  const WinogradShape shape = {kHeight, kWidth, kChannels, kChannels, tile};
  std::vector<float> x(kHeight * kWidth * kChannels, 0.5f), y(x.size()),
      weight(9 * kChannels * kChannels, 0.01f), filter(winograd_filter_size(shape)),
      scratch(winograd_scratch_size(shape));
  const kernels::ConvInput input = {{x.data()}, {kChannels}};
  kernels::ConvOutput output;
  output.y = y.data();
  const double filter_time = shortest([&] {
    winograd_filter(shape, weight.data(), false, 0, winograd_panels(shape), filter.data());
  });
  const double forward_time = shortest([&] {
    winograd_forward(shape, input, filter.data(), 0, shape.tiles_per_image(), scratch.data(),
                     output);
  });
  const auto tiles = static_cast<double>(shape.tiles_per_image()),
             points = static_cast<double>((tile + 2) * (tile + 2));
  constexpr auto kPairs = static_cast<double>(kChannels * kChannels);
  const double transforms = forward_time / tiles - points * kPairs * product;
  return {product, transforms / (2.0 * kChannels), filter_time / kPairs};
}

bool makes_sense(const TileCosts& costs) {
  return costs.product > 0 && costs.transform > 0 && costs.filter > 0;
}

const WinogradCosts& usual_costs() { return kUsualCosts; }

thread_local CostSource current = &usual_costs;

/// Floats of a filter that the last cache keeps from one block of tiles to the next, and what each
/// float beyond them costs a block: it comes from memory.
constexpr double kKeptFloats = 3 << 20, kMemoryFloat = 0.13;

/// What a convolution's blocks of tiles wait for the filter.
double waiting(int64_t tile, int64_t tiles, double filter_floats) {
  if (tiles <= kFewTiles) return 0;
  const auto block =
      static_cast<double>(kernels::winograd_block({.tile = static_cast<size_t>(tile)}));
  return static_cast<double>(tiles) / block * std::max(0.0, filter_floats - kKeptFloats) *
         kMemoryFloat;
}

double cost(const TileCosts& costs, WinogradPass pass, int64_t tile, int64_t tiles, double in,
            double out) {
  const auto points = static_cast<double>((tile + 2) * (tile + 2));
  return static_cast<double>(tiles) *
             (points * in * out * costs.product + (in + out) * costs.transform) +
         in * out * costs.filter +
         (pass == WinogradPass::kConvolution ? waiting(tile, tiles, points * in * out) : 0);
}

}  // namespace

WinogradCosts measure_winograd_costs() {
  const double product = product_cost();
  const WinogradCosts costs = {measured(4, product), measured(6, product)};
  return makes_sense(costs.four) && makes_sense(costs.six) ? costs : kUsualCosts;
}

int64_t cheaper_tile(const WinogradCosts& costs, WinogradPass pass, int64_t images, int64_t height,
                     int64_t width, int64_t in_channels, int64_t out_channels) {
  const auto of = [&](const TileCosts& tile_costs, int64_t tile) {
    const int64_t tiles = images * ((height + tile - 1) / tile) * ((width + tile - 1) / tile);
    return cost(tile_costs, pass, tile, tiles, static_cast<double>(in_channels),
                static_cast<double>(out_channels));
  };
  return of(costs.six, 6) < of(costs.four, 4) ? 6 : 4;
}

const WinogradCosts& winograd_costs() { return current(); }

CostSource winograd_cost_source() { return current; }

CostGuard::CostGuard(CostSource source) : before_(std::exchange(current, source)) {}

CostGuard::~CostGuard() { current = before_; }

}  // namespace mezzotint::ops
