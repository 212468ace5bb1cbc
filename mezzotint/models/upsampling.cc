#include "mezzotint/models/upsampling.h"

#include <ATen/ops/upsample_nearest2d.h>

namespace mezzotint {

Tensor double_nearest(const Tensor& x_bchw) {
  return at::upsample_nearest2d(x_bchw, {2 * x_bchw.size(2), 2 * x_bchw.size(3)});
}

Upsample2D::Upsample2D(const Params& params, int64_t channels)
    : conv(params / "conv", channels, channels, 3, 1, 1) {}

Tensor Upsample2D::operator()(const Tensor& x_bchw) const {
  ops::Conv3x3 work = conv.on({x_bchw});
  work.doubled = true;
  return ops::conv3x3(work);
}

}  // namespace mezzotint
