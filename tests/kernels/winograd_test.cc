#include "mezzotint/kernels/winograd.h"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace mezzotint::kernels {
namespace {

using Floats = std::vector<float>;

struct Case {
  size_t images, height, width, in, out;
};

// One vector and less, remainders of every panel width, sizes that don't fill their tiles, more
// than one block.
const Case kCases[] = {{1, 4, 4, 1, 1},  {1, 5, 3, 16, 16},  {2, 9, 7, 19, 35},
                       {1, 1, 1, 8, 70}, {1, 13, 30, 33, 5}, {3, 8, 12, 7, 64}};

Floats noise(size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  Floats values(count);
  for (float& value : values) value = normal(engine);
  return values;
}

/// Calls visit(tap, input pixel, output pixel) for every pair that a tap joins; pixels count
/// through the batch.
template <class Visit>
void for_each_tap(const Case& c, const Visit& visit) {
  for (size_t n = 0; n < c.images; ++n)
    for (size_t y = 0; y < c.height; ++y)
      for (size_t x = 0; x < c.width; ++x)
        for (size_t tap = 0; tap < 9; ++tap) {
          const size_t row = y + tap / 3 - 1, column = x + tap % 3 - 1;
          if (row >= c.height || column >= c.width) continue;
          visit(tap, (n * c.height + row) * c.width + column, (n * c.height + y) * c.width + x);
        }
}

void expect_near(const Floats& got, const std::vector<double>& wanted) {
  double scale = 0;
  for (const double value : wanted) scale = std::max(scale, std::abs(value));
  for (size_t i = 0; i < wanted.size(); ++i)
    ASSERT_NEAR(got[i], wanted[i], 3e-5 * scale) << "at " << i;
}

/// Runs the body once for each instruction set that this machine has.
template <class Body>
void on_every_target(const Body& body) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(Winograd, ForwardEqualsTheDirectSum) {
  on_every_target([] {
    for (const Case& c : kCases) {
      const WinogradShape shape{c.height, c.width, c.in, c.out};
      const size_t pixels = c.images * c.height * c.width;
      const Floats x = noise(pixels * c.in, 1), taps = noise(9 * c.in * c.out, 2),
                   bias = noise(c.out, 3);
      std::vector<double> wanted(pixels * c.out);
      for (size_t i = 0; i < wanted.size(); ++i) wanted[i] = bias[i % c.out];
      for_each_tap(c, [&](size_t tap, size_t from, size_t to) {
        for (size_t i = 0; i < c.in; ++i)
          for (size_t o = 0; o < c.out; ++o)
            wanted[to * c.out + o] +=
                double{x[from * c.in + i]} * taps[(tap * c.in + i) * c.out + o];
      });
      Floats filter(winograd_filter_size(shape)), scratch(winograd_scratch_size(shape)),
          y(pixels * c.out);
      winograd_filter(shape, taps.data(), filter.data());
      const size_t tiles = c.images * shape.tiles_per_image(), half = tiles / 2;
      winograd_forward(shape, x.data(), filter.data(), bias.data(), 0, half, scratch.data(),
                       y.data());
      winograd_forward(shape, x.data(), filter.data(), bias.data(), half, tiles, scratch.data(),
                       y.data());
      expect_near(y, wanted);
    }
  });
}

TEST(Winograd, WeightGradientEqualsTheDirectSum) {
  on_every_target([] {
    for (const Case& c : kCases) {
      const WinogradShape shape{c.height, c.width, c.in, c.out};
      const size_t pixels = c.images * c.height * c.width;
      const Floats x = noise(pixels * c.in, 4), grad_y = noise(pixels * c.out, 5);
      std::vector<double> wanted(9 * c.in * c.out);
      for_each_tap(c, [&](size_t tap, size_t from, size_t to) {
        for (size_t i = 0; i < c.in; ++i)
          for (size_t o = 0; o < c.out; ++o)
            wanted[(tap * c.in + i) * c.out + o] +=
                double{x[from * c.in + i]} * grad_y[to * c.out + o];
      });
      Floats sums(winograd_sums_size(shape)), scratch(winograd_scratch_size(shape)),
          taps(wanted.size());
      const size_t tiles = c.images * shape.tiles_per_image(), half = tiles / 2;
      winograd_weight_sums(shape, x.data(), grad_y.data(), 0, half, scratch.data(), sums.data());
      winograd_weight_sums(shape, x.data(), grad_y.data(), half, tiles, scratch.data(),
                           sums.data());
      winograd_weight_grad(shape, sums.data(), taps.data());
      expect_near(taps, wanted);
    }
  });
}

}  // namespace
}  // namespace mezzotint::kernels
