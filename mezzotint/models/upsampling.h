#pragma once

#include "mezzotint/models/layers.h"

namespace mezzotint {

/// Every pixel four times: [B, C, H, W] -> [B, C, 2H, 2W].
Tensor double_nearest(const Tensor& x_bchw);

/// double_nearest, then a 3 x 3 convolution. Keys: conv.{weight, bias}. diffusers:
/// models/upsampling.py.
struct Upsample2D {
  Upsample2D(const Params& params, int64_t channels);
  Tensor operator()(const Tensor& x_bchw) const;
  Conv2d conv;
};

}  // namespace mezzotint
