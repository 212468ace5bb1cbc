#pragma once

#include <array>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// What pixels go through before a CLIP sees them: (x - mean) / std, channel by channel. The
/// defaults are OpenAI's.
struct PixelNormalization {
  std::array<double, 3> mean = {0.48145466, 0.4578275, 0.40821073};
  std::array<double, 3> std = {0.26862954, 0.26130258, 0.27577711};

  /// x_bchw [B, 3, H, W] in [0, 1]; differentiable.
  Tensor operator()(const Tensor& x_bchw) const;
};

}  // namespace mezzotint
