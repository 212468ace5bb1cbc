#include "mezzotint/kernels/tap_conv.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "mezzotint/kernels/tap_weights.h"

#include "tests/kernels/every_target.h"

namespace mezzotint::kernels {
namespace {

using Floats = std::vector<float>;
using Doubles = std::vector<double>;
constexpr double kTolerance = 5e-6;

struct Case {
  size_t images, height, width, in, out;
  std::ptrdiff_t before;  ///< rows and columns of zeros above and to the left
};

// One channel, remainders of vectors and panels, more channels than are gathered at once, pictures
// of odd sizes, more pixels than a block.
const Case kCases[] = {{1, 2, 2, 1, 1, 0},    {2, 7, 5, 3, 18, 1},  {1, 6, 8, 16, 16, 0},
                       {1, 9, 30, 33, 70, 1}, {3, 4, 4, 200, 5, 0}, {1, 3, 3, 1200, 20, 1}};

TapConv halving(const Case& c) {
  TapConv conv{.height = c.height, .width = c.width, .channels = c.in, .step = 2, .taps = 9};
  for (std::ptrdiff_t t = 0; t < 9; ++t) conv.tap[t] = {t / 3 - c.before, t % 3 - c.before};
  conv.grid_height = conv.out_height = (c.height + static_cast<size_t>(c.before)) / 2;
  conv.grid_width = conv.out_width = (c.width + static_cast<size_t>(c.before)) / 2;
  conv.out_channels = c.out;
  return conv;
}

/// Calls visit(tap, input pixel, output pixel) for every pair that a tap joins.
template <class Visit>
void for_each_tap(const Case& c, const Visit& visit) {
  const TapConv conv = halving(c);
  for (size_t n = 0; n < c.images; ++n)
    for (size_t y = 0; y < conv.grid_height; ++y)
      for (size_t x = 0; x < conv.grid_width; ++x)
        for (size_t tap = 0; tap < 9; ++tap) {
          const size_t row = 2 * y + tap / 3 - static_cast<size_t>(c.before),
                       column = 2 * x + tap % 3 - static_cast<size_t>(c.before);
          if (row >= c.height || column >= c.width) continue;
          visit(tap, (n * c.height + row) * c.width + column,
                (n * conv.grid_height + y) * conv.grid_width + x);
        }
}

TapWeights weights_of(const Case& c) {
  TapWeights weights{c.out, c.in, 9, 9};
  for (size_t t = 0; t < 9; ++t) weights.chosen[t] = t;
  return weights;
}

TEST(TapConv, ForwardEqualsTheDirectSum) {
  on_every_target([] {
    for (const Case& c : kCases) {
      const TapConv conv = halving(c);
      const size_t pixels = c.images * conv.grid_pixels(), half = pixels / 2;
      const Floats x = normal_floats(c.images * c.height * c.width * c.in, 1),
                   weight = normal_floats(c.out * c.in * 9, 2), bias = normal_floats(c.out, 3);
      Doubles wanted(pixels * c.out);
      for (size_t i = 0; i < wanted.size(); ++i) wanted[i] = bias[i % c.out];
      for_each_tap(c, [&](size_t tap, size_t from, size_t to) {
        for (size_t o = 0; o < c.out; ++o)
          for (size_t i = 0; i < c.in; ++i)
            wanted[to * c.out + o] += double{x[from * c.in + i]} * weight[(o * c.in + i) * 9 + tap];
      });
      const TapWeights weights = weights_of(c);
      const MatmulShape shape = tap_weights_shape(weights);
      Floats packed(matmul_packed_size(shape), std::nanf("")), scratch(tap_conv_scratch_size(conv)),
          y(wanted.size());
      tap_weights_pack(weights, weight.data(), 0, matmul_panels(shape), packed.data());
      for (const auto& [first, last] : {std::pair{size_t{0}, half}, {half, pixels}})
        tap_conv(conv, x.data(), packed.data(), bias.data(), first, last, scratch.data(), y.data());
      expect_close(y.data(), wanted, kTolerance);
    }
  });
}

TEST(TapConv, WeightGradientEqualsTheDirectSum) {
  on_every_target([] {
    for (const Case& c : kCases) {
      const TapConv conv = halving(c);
      const size_t pixels = c.images * conv.grid_pixels(), half = pixels / 2;
      const Floats x = normal_floats(c.images * c.height * c.width * c.in, 1),
                   grad_y = normal_floats(pixels * c.out, 2);
      Doubles wanted(c.out * c.in * 9);
      for_each_tap(c, [&](size_t tap, size_t from, size_t to) {
        for (size_t o = 0; o < c.out; ++o)
          for (size_t i = 0; i < c.in; ++i)
            wanted[(o * c.in + i) * 9 + tap] += double{x[from * c.in + i]} * grad_y[to * c.out + o];
      });
      const size_t step = tap_conv_sums_step(conv), floats = c.out * 9 * step, cut = c.out / 2;
      Floats sums(2 * floats), scratch(tap_conv_sums_scratch_size(conv)), grad(wanted.size());
      for (const auto& [first, last] : {std::pair{size_t{0}, cut}, {cut, c.out}}) {
        const float* from = grad_y.data() + first;
        float* to = sums.data() + first * 9 * step;
        tap_conv_row_sums(conv, x.data(), from, c.out, last - first, 0, half, scratch.data(), to);
        tap_conv_row_sums(conv, x.data(), from, c.out, last - first, half, pixels, scratch.data(),
                          to + floats);
      }
      tap_weights_grad(weights_of(c), sums.data(), step, 2, 0, c.out, grad.data());
      expect_close(grad.data(), wanted, kTolerance);
    }
  });
}

TEST(TapConv, GridOfOddPixelsIsWrittenApart) {
  on_every_target([] {
    // Every second pixel of a 5 x 7 picture, from row 1 and column 0, gets twice the pixel above.
    TapConv conv{.height = 5, .width = 7, .channels = 2, .step = 2, .taps = 1};
    conv.grid_height = 2;
    conv.grid_width = 4;
    conv.out_height = 5;
    conv.out_width = 7;
    conv.out_channels = 2;
    conv.out_step = 2;
    conv.out_row = 1;
    const Floats x = normal_floats(5 * 7 * 2, 1), weight = {2, 0, 0, 2};
    const TapWeights weights{2, 2, 1, 1};
    const MatmulShape shape = tap_weights_grad_shape(weights);
    Floats packed(matmul_packed_size(shape)), scratch(tap_conv_scratch_size(conv)),
        y(x.size(), -7.0f);
    tap_weights_pack_grad(weights, weight.data(), 0, matmul_panels(shape), packed.data());
    tap_conv(conv, x.data(), packed.data(), nullptr, 0, 8, scratch.data(), y.data());
    for (size_t row = 0; row < 5; ++row)
      for (size_t i = 0; i < 14; ++i) {
        const bool written = row % 2 == 1 && i / 2 % 2 == 0;
        EXPECT_EQ(y[row * 14 + i], written ? 2 * x[(row - 1) * 14 + i] : -7.0f);
      }
  });
}

}  // namespace
}  // namespace mezzotint::kernels
