#include "mezzotint/models/downsampling.h"

#include <ATen/ops/avg_pool2d.h>

#include "mezzotint/ops/halving_conv.h"

namespace mezzotint {

Tensor halve_average(const Tensor& x_bchw) { return at::avg_pool2d(x_bchw, {2, 2}, {2, 2}); }

Downsample2D::Downsample2D(const Params& params, int64_t channels, int64_t padding)
    : conv(params / "conv", channels, channels, 3, 2, padding) {
  MEZZO_CHECK(padding == 0 || padding == 1, "downsample_padding: got ", padding, ", wanted 0 or 1");
}

Tensor Downsample2D::operator()(const Tensor& x_bchw) const {
  const auto pad =
      conv.padding == 0 ? ops::HalvingPad::kBelowAndRight : ops::HalvingPad::kEverySide;
  return ops::halving_conv(x_bchw, conv.weight, conv.bias, pad, conv.change);
}

}  // namespace mezzotint
