#include "mezzotint/guidance/cutouts.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/grid_sampler.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

/// torch.empty(1).uniform_(low, high).item(): in float32.
double uniform(RandomStream& stream, double low, double high) {
  const auto from = static_cast<float>(low), to = static_cast<float>(high);
  return stream.rand({1}).item<float>() * (to - from) + from;
}

int64_t rounded(double value) { return static_cast<int64_t>(std::nearbyint(value)); }

/// What torchvision takes when ten draws don't fit: the largest part in the middle whose ratio is
/// allowed.
Cutout middle(const CutoutConfig& config, int64_t height, int64_t width) {
  Cutout cutout{.height = height, .width = width};
  const double ratio = static_cast<double>(width) / static_cast<double>(height);
  if (ratio < config.min_ratio)
    cutout.height = rounded(static_cast<double>(width) / config.min_ratio);
  else if (ratio > config.max_ratio)
    cutout.width = rounded(static_cast<double>(height) * config.max_ratio);
  cutout.top = (height - cutout.height) / 2;
  cutout.left = (width - cutout.width) / 2;
  return cutout;
}

Cutout draw_crop(const CutoutConfig& config, int64_t height, int64_t width, RandomStream& stream) {
  constexpr int kAttempts = 10;
  const double area = static_cast<double>(height * width);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const double target = area * uniform(stream, config.min_area, config.max_area);
    // The logarithms pass through float32, as torch.log of a tensor does.
    const double ratio =
        std::exp(static_cast<float>(uniform(stream, std::log(static_cast<float>(config.min_ratio)),
                                            std::log(static_cast<float>(config.max_ratio)))));
    const int64_t w = rounded(std::sqrt(target * ratio)), h = rounded(std::sqrt(target / ratio));
    if (w <= 0 || h <= 0 || w > width || h > height) continue;
    const auto top = stream.randint(0, height - h + 1, {1}).item<int64_t>(),
               left = stream.randint(0, width - w + 1, {1}).item<int64_t>();
    return {.top = top, .left = left, .height = h, .width = w};
  }
  return middle(config, height, width);
}

/// Turned about its middle; the nearest pixel is taken, and 0 from beyond the edge.
Tensor rotated(const Tensor& x_bchw, double degrees) {
  const int64_t size = x_bchw.size(2);
  const double angle = degrees * std::numbers::pi / 180, half = 0.5 * static_cast<double>(size);
  // Where each pixel of the result comes from, in halves of the picture: its middle, turned. In
  // torchvision's order of roundings (_gen_affine_grid), as ties decide which pixel is nearest.
  const auto options = x_bchw.options().requires_grad(false);
  const auto c = static_cast<float>(std::cos(angle)), s = static_cast<float>(std::sin(angle));
  const Tensor turn = at::tensor({c, -s, s, c}, options).view({2, 2}) / half;
  const Tensor line = at::arange(size, options) + (0.5 - half);
  const Tensor y_hw = line.view({size, 1}).expand({size, size}),
               x_hw = line.view({1, size}).expand({size, size});
  const Tensor from = at::stack({x_hw, y_hw}, 2).view({-1, 2}).matmul(turn);
  constexpr int64_t kNearest = 1, kZeros = 0;
  return at::grid_sampler(x_bchw,
                          from.view({1, size, size, 2}).expand({x_bchw.size(0), -1, -1, -1}),
                          kNearest, kZeros, /*align_corners=*/false);
}

}  // namespace

void check(const CutoutConfig& config) {
  if (!(config.min_area > 0 && config.min_area <= config.max_area && config.max_area <= 1))
    fail_usage("cutouts: areas from ", config.min_area, " to ", config.max_area,
               ", wanted more than 0, at most 1, the smaller first");
  if (!(config.min_ratio > 0 && config.min_ratio <= config.max_ratio))
    fail_usage("cutouts: ratios from ", config.min_ratio, " to ", config.max_ratio,
               ", wanted more than 0, the smaller first");
  if (!(config.degrees >= 0 && config.degrees <= 180))
    fail_usage("cutouts: degrees: got ", config.degrees, ", wanted 0 to 180");
  if (!(config.flip >= 0 && config.flip <= 1))
    fail_usage("cutouts: flip: got ", config.flip, ", wanted a probability from 0 to 1");
}

Cutout draw_cutout(const CutoutConfig& config, int64_t height, int64_t width,
                   RandomStream& stream) {
  Cutout cutout = draw_crop(config, height, width, stream);
  cutout.degrees = uniform(stream, -config.degrees, config.degrees);
  cutout.flip = stream.rand({1}).item<float>() < static_cast<float>(config.flip);
  return cutout;
}

Tensor cut_out(const Tensor& x_bchw, const Cutout& cutout, int64_t size) {
  MEZZO_CHECK(cutout.top >= 0 && cutout.left >= 0 && cutout.height > 0 && cutout.width > 0 &&
                  cutout.top + cutout.height <= x_bchw.size(2) &&
                  cutout.left + cutout.width <= x_bchw.size(3) && size > 0,
              "cut_out: a part of ", cutout.height, " x ", cutout.width, " at ", cutout.top, ", ",
              cutout.left, " of a picture of ", x_bchw.size(2), " x ", x_bchw.size(3));
  Tensor part = x_bchw.narrow(2, cutout.top, cutout.height).narrow(3, cutout.left, cutout.width);
  if (part.size(2) != size || part.size(3) != size)
    part = at::_upsample_bilinear2d_aa(part, {size, size}, /*align_corners=*/false);
  if (cutout.degrees != 0) part = rotated(part, cutout.degrees);
  return cutout.flip ? at::flip(part, {3}) : part;
}

}  // namespace mezzotint
