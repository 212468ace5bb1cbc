#include "mezzotint/kernels/winograd.h"

#include <cmath>

#include <hwy/aligned_allocator.h>

#include "tests/kernels/every_target.h"

namespace mezzotint::kernels {
namespace {

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

constexpr double kTolerance = 3e-5;

struct Case {
  size_t images, height, width, in, out;
  size_t tile = 4;

  WinogradShape shape() const { return {height, width, in, out, tile}; }
  size_t pixels() const { return images * height * width; }
  size_t tiles() const { return images * shape().tiles_per_image(); }
};

// One vector and less, remainders of every panel width, sizes that don't fill their tiles, bands of
// one to four rows of tiles, more than one block, a run that starts within a column.
const Case kCases[] = {{1, 4, 4, 1, 1},     {1, 5, 3, 16, 16},  {2, 9, 7, 19, 35},
                       {1, 1, 1, 8, 70},    {1, 13, 30, 33, 5}, {3, 8, 12, 7, 64},
                       {1, 28, 28, 17, 20}, {1, 20, 36, 66, 48}};

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

/// The convolution of x [pixels][in] by weight [out][in][3][3], summed directly.
Doubles direct(const Case& c, const Doubles& x, const Floats& weight) {
  Doubles y(c.pixels() * c.out);
  for_each_tap(c, [&](size_t tap, size_t from, size_t to) {
    for (size_t o = 0; o < c.out; ++o)
      for (size_t i = 0; i < c.in; ++i)
        y[to * c.out + o] += x[from * c.in + i] * weight[(o * c.in + i) * 9 + tap];
  });
  return y;
}

WinogradShape shape_of(const Case& c, const ConvInput& input, const ConvOutput& output) {
  WinogradShape shape = c.shape();
  shape.doubled = input.doubled || output.halved;
  return shape;
}

/// All tiles through winograd_forward, in two ranges, the second in larger blocks.
void by_tiles(const Case& c, const ConvInput& input, const Floats& weight, bool turned,
              const ConvOutput& output) {
  const WinogradShape shape = shape_of(c, input, output);
  const size_t block = winograd_block(shape), large = 3 * block;
  Floats filter(winograd_filter_size(shape)), scratch(winograd_forward_scratch_size(shape, large));
  for (size_t panel = 0; panel < winograd_panels(shape); ++panel)
    winograd_filter(shape, weight.data(), turned, panel, panel + 1, filter.data());
  const size_t middle = c.tiles() / 2;
  winograd_forward(shape, input, filter.data(), block, 0, middle, scratch.data(), output);
  winograd_forward(shape, input, filter.data(), large, middle, c.tiles(), scratch.data(), output);
}

/// All tiles through winograd_forward_panel.
void by_panels(const Case& c, const ConvInput& input, const Floats& weight, bool turned,
               const ConvOutput& output) {
  const WinogradShape shape = shape_of(c, input, output);
  const size_t tiles = c.tiles();
  Floats points(winograd_points_size(shape, tiles)), scratch(winograd_scratch_size(shape)),
      panel_scratch(winograd_panel_scratch_size(shape, tiles));
  winograd_points(shape, input, tiles, 0, tiles / 2, scratch.data(), points.data());
  winograd_points(shape, input, tiles, tiles / 2, tiles, scratch.data(), points.data());
  for (size_t panel = 0; panel < winograd_panels(shape); ++panel)
    winograd_forward_panel(shape, points.data(), tiles, weight.data(), turned, panel,
                           panel_scratch.data(), output);
}

/// The moments that the tiles left must be those of y itself.
void expect_moments(const Case& c, const Floats& of_tiles, const float* y) {
  const size_t pixels = c.height * c.width, of_image = of_tiles.size() / c.images;
  for (size_t n = 0; n < c.images; ++n) {
    Doubles means(c.out), spreads(c.out);
    winograd_channel_moments(c.shape(), of_tiles.data() + n * of_image, means.data(),
                             spreads.data());
    for (size_t k = 0; k < c.out; ++k) {
      const float* from = y + n * pixels * c.out + k;
      double mean = 0, spread = 0;
      for (size_t p = 0; p < pixels; ++p) mean += from[p * c.out];
      mean /= static_cast<double>(pixels);
      for (size_t p = 0; p < pixels; ++p) spread += std::pow(from[p * c.out] - mean, 2);
      const double deviation = std::sqrt(spread / static_cast<double>(pixels));
      EXPECT_NEAR(means[k], mean, 1e-6 * (std::abs(mean) + deviation)) << "channel " << k;
      EXPECT_NEAR(spreads[k], spread, 1e-5 * (spread + mean * mean * 1e-4)) << "channel " << k;
    }
  }
}

/// Both ways of convolving must give what is wanted, through the caches and past them.
void expect_both(const Case& c, const ConvInput& input, const Floats& weight, bool turned,
                 ConvOutput output, const Doubles& wanted) {
  for (const auto way : {&by_tiles, &by_panels})
    for (const bool streamed : {false, true}) {
      const auto y = hwy::AllocateAligned<float>(wanted.size());
      output.y = y.get();
      output.streamed = streamed;
      // What is halved has no moments; else they are wanted every other time.
      Floats moments(winograd_moments_size(c.shape(), c.tiles()));
      output.moments = streamed && !output.halved ? moments.data() : nullptr;
      way(c, input, weight, turned, output);
      expect_close(y.get(), wanted, kTolerance);
      if (output.moments) expect_moments(c, moments, y.get());
    }
}

/// Calls test(case) for every case, size of tile and instruction set.
template <class Test>
void for_each_case(const Test& test) {
  on_every_target([&] {
    for (Case c : kCases)
      for (const size_t tile : {4, 6}) {
        c.tile = tile;
        SCOPED_TRACE(testing::Message()
                     << c.in << " -> " << c.out << " at " << c.height << " x " << c.width << ", "
                     << c.images << " images, tiles of " << c.tile);
        test(c);
      }
  });
}

TEST(Winograd, ForwardEqualsTheDirectSum) {
  for_each_case([](const Case& c) {
    const Floats x = normal_floats(c.pixels() * c.in, 1),
                 weight = normal_floats(9 * c.in * c.out, 2), bias = normal_floats(c.out, 3),
                 image_bias = normal_floats(c.images * c.out, 4),
                 addend = normal_floats(c.pixels() * c.out, 5);
    Doubles wanted = direct(c, Doubles(x.begin(), x.end()), weight);
    for (size_t i = 0; i < wanted.size(); ++i) {
      const size_t image = i / (c.height * c.width * c.out);
      wanted[i] += bias[i % c.out] + image_bias[image * c.out + i % c.out] + addend[i];
    }
    expect_both(c, {{x.data()}, {c.in}}, weight, false,
                {nullptr, bias.data(), image_bias.data(), addend.data()}, wanted);
  });
}

TEST(Winograd, NormalisesTwoPartsOnTheWayIn) {
  for_each_case([](const Case& c) {
    const size_t first = c.in / kPartMultiple * kPartMultiple, second = c.in - first;
    if (first == 0 || second == 0) return;
    const Floats x0 = normal_floats(c.pixels() * first, 1),
                 x1 = normal_floats(c.pixels() * second, 2),
                 scale = normal_floats(c.images * c.in, 3),
                 shift = normal_floats(c.images * c.in, 4),
                 weight = normal_floats(9 * c.in * c.out, 5);
    for (const bool silu : {false, true}) {
      Doubles x(c.pixels() * c.in);
      for (size_t i = 0; i < x.size(); ++i) {
        const size_t pixel = i / c.in, channel = i % c.in,
                     at = pixel / (c.height * c.width) * c.in + channel;
        const double value =
            channel < first ? x0[pixel * first + channel] : x1[pixel * second + channel - first];
        const double z = value * scale[at] + shift[at];
        x[i] = silu ? z / (1 + std::exp(-z)) : z;
      }
      const ConvInput input = {{x0.data(), x1.data()}, {first, second}, false,
                               scale.data(),           shift.data(),    silu};
      expect_both(c, input, weight, false, {}, direct(c, x, weight));
    }
  });
}

/// The pixel of the half-sized batch that pixel `p` of the batch lies in.
size_t half_pixel(const Case& c, size_t p) {
  const size_t image = p / (c.height * c.width), row = p / c.width % c.height, column = p % c.width;
  return (image * c.height / 2 + row / 2) * (c.width / 2) + column / 2;
}

/// A picture [pixels / 4][in], each of whose pixels counts for 2 x 2.
Doubles doubled(const Case& c, const Floats& half) {
  Doubles x(c.pixels() * c.in);
  for (size_t i = 0; i < x.size(); ++i) x[i] = half[half_pixel(c, i / c.in) * c.in + i % c.in];
  return x;
}

bool can_be_halved(const Case& c) { return c.height % 2 == 0 && c.width % 2 == 0; }

TEST(Winograd, DoublesTheInput) {
  for_each_case([](const Case& c) {
    if (!can_be_halved(c)) return;
    const Floats half = normal_floats(c.pixels() / 4 * c.in, 1),
                 weight = normal_floats(9 * c.in * c.out, 2);
    expect_both(c, {{half.data()}, {c.in}, true}, weight, false, {},
                direct(c, doubled(c, half), weight));
  });
}

TEST(Winograd, HalvesTheOutput) {
  for_each_case([](const Case& c) {
    if (!can_be_halved(c)) return;
    const Floats x = normal_floats(c.pixels() * c.in, 1),
                 weight = normal_floats(9 * c.in * c.out, 2);
    const Doubles whole = direct(c, {x.begin(), x.end()}, weight);
    Doubles halved(whole.size() / 4);
    for (size_t i = 0; i < whole.size(); ++i)
      halved[half_pixel(c, i / c.out) * c.out + i % c.out] += whole[i];
    ConvOutput output;
    output.halved = true;
    expect_both(c, {{x.data()}, {c.in}}, weight, false, output, halved);
  });
}

TEST(Winograd, TurnedWeightGivesTheInputGradient) {
  for_each_case([](const Case& c) {
    // The gradient has c.in channels, the input c.out: the weight is [c.in][c.out][3][3].
    const Floats grad_y = normal_floats(c.pixels() * c.in, 1),
                 weight = normal_floats(9 * c.in * c.out, 2);
    Doubles wanted(c.pixels() * c.out);
    for_each_tap(c, [&](size_t tap, size_t from, size_t to) {
      for (size_t o = 0; o < c.in; ++o)
        for (size_t i = 0; i < c.out; ++i)
          wanted[from * c.out + i] +=
              double{grad_y[to * c.in + o]} * weight[(o * c.out + i) * 9 + tap];
    });
    expect_both(c, {{grad_y.data()}, {c.in}}, weight, true, {}, wanted);
  });
}

/// The derivative of z * sigmoid(z).
double silu_slope(double z) {
  const double sigmoid = 1 / (1 + std::exp(-z));
  return sigmoid + z * sigmoid * (1 - sigmoid);
}

/// What stood before a convolution of c.out channels, in two parts where they can be.
struct Behind {
  explicit Behind(const Case& c)
      : first(c.out > kPartMultiple ? kPartMultiple : c.out),
        x0(normal_floats(c.pixels() * first, 3)),
        x1(normal_floats(c.pixels() * (c.out - first), 4)),
        scale(normal_floats(c.images * c.out, 5)),
        shift(normal_floats(c.images * c.out, 6)),
        origins(normal_floats(c.images * c.out, 7)) {}
  double x(const Case& c, size_t pixel, size_t channel) const {
    return channel < first ? x0[pixel * first + channel]
                           : x1[pixel * (c.out - first) + channel - first];
  }
  ConvInput read(const Case& c, bool silu) const {
    return {{x0.data(), x1.data()}, {first, c.out - first}, false,
            scale.data(),           shift.data(),           silu};
  }
  size_t first;
  Floats x0, x1, scale, shift, origins;
};

/// Sums over each picture, of grad and of grad * (x - origin), must be those that the tiles left.
void expect_sums(const Case& c, const Behind& behind, const Floats& of_tiles,
                 const Doubles& grads) {
  const size_t pixels = c.height * c.width, tiles = c.shape().tiles_per_image(),
               row = winograd_moments_row(c.shape());
  for (size_t n = 0; n < c.images; ++n)
    for (size_t k = 0; k < c.out; ++k) {
      double sum = 0, product = 0, size = 0, got_sum = 0, got_product = 0;
      for (size_t p = n * pixels; p < (n + 1) * pixels; ++p) {
        const double grad = grads[p * c.out + k],
                     apart = behind.x(c, p, k) - behind.origins[n * c.out + k];
        sum += grad;
        product += grad * apart;
        size += std::abs(grad) * (1 + std::abs(apart));
      }
      for (size_t tile = n * tiles; tile < (n + 1) * tiles; ++tile) {
        got_sum += of_tiles[2 * tile * row + k];
        got_product += of_tiles[(2 * tile + 1) * row + k];
      }
      EXPECT_NEAR(got_sum, sum, kTolerance * size) << "channel " << k;
      EXPECT_NEAR(got_product, product, kTolerance * size) << "channel " << k;
    }
}

TEST(Winograd, PassesTheInputGradientBackThroughTheActivation) {
  for_each_case([](const Case& c) {
    const Floats grad_y = normal_floats(c.pixels() * c.in, 1),
                 weight = normal_floats(9 * c.in * c.out, 2);
    const Behind behind(c);
    const Doubles plain = direct(c, Doubles(grad_y.begin(), grad_y.end()), weight);
    for (const bool silu : {false, true}) {
      Doubles wanted = plain;
      for (size_t i = 0; i < wanted.size() && silu; ++i) {
        const size_t pixel = i / c.out, channel = i % c.out,
                     at = pixel / (c.height * c.width) * c.out + channel;
        wanted[i] *= silu_slope(behind.x(c, pixel, channel) * behind.scale[at] + behind.shift[at]);
      }
      for (const auto way : {&by_tiles, &by_panels})
        for (const bool streamed : {false, true}) {
          Floats sums(winograd_moments_size(c.shape(), c.tiles()));
          const ConvBehind conv_behind = {behind.read(c, silu), behind.origins.data(), sums.data()};
          const auto y = hwy::AllocateAligned<float>(wanted.size());
          ConvOutput output;
          output.y = y.get();
          output.streamed = streamed;
          output.behind = &conv_behind;
          way(c, {{grad_y.data()}, {c.in}}, weight, false, output);
          expect_close(y.get(), wanted, kTolerance);
          expect_sums(c, behind, sums, wanted);
        }
    }
  });
}

/// The weight's gradient must be the direct sum over x, which is what `input` makes of its pixels.
void expect_weight_grad(const Case& c, const ConvInput& input, const Doubles& x) {
  const WinogradShape shape = shape_of(c, input, {});
  const Floats grad_y = normal_floats(c.pixels() * c.out, 5);
  Doubles wanted(9 * c.in * c.out);
  for_each_tap(c, [&](size_t tap, size_t from, size_t to) {
    for (size_t o = 0; o < c.out; ++o)
      for (size_t i = 0; i < c.in; ++i)
        wanted[(o * c.in + i) * 9 + tap] += x[from * c.in + i] * grad_y[to * c.out + o];
  });
  const size_t tiles = c.tiles(), tasks = winograd_tasks(shape);
  for (const size_t group : {tiles, size_t{7}, winograd_group_size(shape, tiles)}) {
    Floats points(winograd_group_floats(shape, group)), scratch(winograd_scratch_size(shape)),
        sums(tasks * winograd_task_floats(shape)), grad(wanted.size());
    for (size_t start = 0; start < tiles; start += group) {
      const size_t end = std::min(tiles, start + group), middle = (start + end) / 2;
      for (const auto& [first, last] : {std::pair(start, middle), std::pair(middle, end)})
        winograd_group_points(shape, input, grad_y.data(), start, group, first, last,
                              scratch.data(), points.data());
      for (size_t task = 0; task < tasks; ++task)
        winograd_group_products(shape, points.data(), group, end - start, task, start == 0,
                                sums.data() + task * winograd_task_floats(shape));
    }
    for (size_t task = 0; task < tasks; ++task)
      winograd_weight_grad(shape, sums.data() + task * winograd_task_floats(shape), task,
                           grad.data());
    expect_close(grad.data(), wanted, kTolerance);
  }
}

TEST(Winograd, WeightGradientEqualsTheDirectSum) {
  for_each_case([](const Case& c) {
    const Floats x = normal_floats(c.pixels() * c.in, 4);
    expect_weight_grad(c, {{x.data()}, {c.in}}, {x.begin(), x.end()});
    if (!can_be_halved(c)) return;
    const Floats half = normal_floats(c.pixels() / 4 * c.in, 4);
    expect_weight_grad(c, {{half.data()}, {c.in}, true}, doubled(c, half));
  });
}

}  // namespace
}  // namespace mezzotint::kernels
