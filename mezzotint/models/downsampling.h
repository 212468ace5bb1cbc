#pragma once

#include "mezzotint/models/layers.h"

namespace mezzotint {

/// Mean over 2 x 2: [B, C, H, W] -> [B, C, H/2, W/2].
Tensor halve_average(const Tensor& x_bchw);

/// A 3 x 3 convolution with stride 2. Keys: conv.{weight, bias}. diffusers: models/downsampling.py.
struct Downsample2D {
  /// @param padding 1, or 0: one row of zeros below and one column to the right, as DDPM's
  /// TensorFlow code pads.
  /// @throws Error for another padding: the way up couldn't meet the sizes.
  Downsample2D(const Params& params, int64_t channels, int64_t padding);
  Tensor operator()(const Tensor& x_bchw) const;
  Conv2d conv;
};

}  // namespace mezzotint
