#include "mezzotint/training/augmentation.h"

#include <cmath>
#include <numbers>
#include <optional>

#include <ATen/ops/affine_grid_generator.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/einsum.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/grid_sampler.h>
#include <ATen/ops/replication_pad2d.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

Tensor uniform(RandomStream& stream, IntArrayRef sizes, double low, double high) {
  return stream.rand(sizes) * (high - low) + low;
}

/// Scaled, turned and shifted; the background comes in from outside.
Tensor moved(const Tensor& x, const AugmentationConfig& config, RandomStream& stream) {
  const int64_t batch = x.size(0);
  const double turn = config.turn * std::numbers::pi / 180;
  const Tensor size = uniform(stream, {batch}, config.smallest, config.largest),
               angle = uniform(stream, {batch}, -turn, turn),
               // Sampling coordinates go from -1 to 1.
      right = uniform(stream, {batch}, -2 * config.shift, 2 * config.shift),
               down = uniform(stream, {batch}, -2 * config.shift, 2 * config.shift);
  const Tensor c = angle.cos() / size, s = angle.sin() / size;
  const Tensor theta = at::stack({at::stack({c, -s, right}, 1), at::stack({s, c, down}, 1)}, 1);
  const Tensor grid = at::affine_grid_generator(theta, x.sizes(), /*align_corners=*/false);
  constexpr int64_t kBilinear = 0, kZeros = 0;
  return at::grid_sampler(x - config.background, grid, kBilinear, kZeros,
                          /*align_corners=*/false) +
         config.background;
}

/// The channels mixed by a matrix near the identity that leaves grey alone; more or less contrast;
/// half of the pictures lighter or darker. The background stays nearly as it is.
Tensor recolored(const Tensor& x, const AugmentationConfig& config, RandomStream& stream) {
  constexpr double kLightness = 0.1;
  const int64_t batch = x.size(0), channels = x.size(1);
  Tensor mix = at::eye(channels) + config.color * stream.randn({batch, channels, channels});
  mix = mix / mix.sum(2, /*keepdim=*/true);
  const Tensor mixed = at::einsum("nij,njhw->nihw", {mix, x});
  const Tensor factor = uniform(stream, {batch, 1, 1, 1}, 1 - config.contrast, 1 + config.contrast);
  const Tensor some = (stream.rand({batch, 1, 1, 1}) < 0.5).to(x.scalar_type());
  return config.background + (mixed - config.background) * factor +
         kLightness * some * stream.randn({batch, 1, 1, 1});
}

/// Some of the pictures blurred by a Gaussian of a random width.
Tensor blurred(const Tensor& x, const AugmentationConfig& config, RandomStream& stream) {
  constexpr int64_t kRadius = 4;
  constexpr double kSharpest = 0.4, kBluntest = 1.8;  // pixels
  const int64_t batch = x.size(0), channels = x.size(1), height = x.size(2), width = x.size(3);
  const Tensor chosen = stream.rand({batch, 1, 1, 1}) < config.blur,
               sigma = uniform(stream, {batch, 1}, kSharpest, kBluntest);
  const Tensor place = at::arange(-kRadius, kRadius + 1, x.options());
  Tensor weight = (-place.square() / (2 * sigma.square())).exp();
  weight = (weight / weight.sum(1, /*keepdim=*/true)).repeat_interleave(channels, 0);
  const int64_t planes = batch * channels, taps = 2 * kRadius + 1;
  Tensor y = at::replication_pad2d(x, {kRadius, kRadius, kRadius, kRadius})
                 .reshape({1, planes, height + 2 * kRadius, width + 2 * kRadius});
  const auto along = [&](IntArrayRef kernel) {
    constexpr int64_t kStride = 1, kPadding = 0, kDilation = 1;
    return at::conv2d(y, weight.view(kernel), std::optional<Tensor>(), kStride, kPadding, kDilation,
                      planes);
  };
  y = along({planes, 1, 1, taps});
  y = along({planes, 1, taps, 1});
  return at::where(chosen, y.view({batch, channels, height, width}), x);
}

/// sqrt(1 - s^2) x + s noise for half of the pictures, s up to config.noise.
Tensor noised(const Tensor& x, const AugmentationConfig& config, RandomStream& stream) {
  const Tensor half = (stream.rand({x.size(0), 1, 1, 1}) < 0.5).to(x.scalar_type()),
               s = half * uniform(stream, {x.size(0), 1, 1, 1}, 0, config.noise);
  return (1 - s.square()).sqrt() * x + s * stream.randn(x.sizes());
}

}  // namespace

void check(const AugmentationConfig& config) {
  const auto within = [](const char* name, double value, double low, double high) {
    if (!(value >= low && value <= high))
      fail_usage("augmentation: ", name, ": got ", value, ", wanted ", low, " to ", high);
  };
  within("smallest", config.smallest, 0.05, 20);
  within("largest", config.largest, config.smallest, 20);
  within("turn", config.turn, 0, 180);
  within("shift", config.shift, 0, 1);
  within("color", config.color, 0, 0.5);
  within("contrast", config.contrast, 0, 1);
  within("blur", config.blur, 0, 1);
  within("noise", config.noise, 0, 1);
  within("background", config.background, -1, 1);
}

Tensor augmented(const Tensor& x_bchw, const AugmentationConfig& config, RandomStream& stream) {
  constexpr double kBound = 1.5;
  Tensor x = moved(x_bchw, config, stream);
  x = recolored(x, config, stream);
  x = blurred(x, config, stream);
  return noised(x, config, stream).clamp(-kBound, kBound);
}

}  // namespace mezzotint
