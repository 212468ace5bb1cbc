#pragma once

#include "mezzotint/base/tensor.h"

namespace mezzotint {

// Sampling through the separable filter (1, 3, 3, 1): StyleGAN2's upfirdn2d with zeros outside the
// picture, as score_sde and diffusers' Skip blocks use it. A constant picture keeps its value away
// from the border.

/// [B, C, H, W] -> [B, C, H/2, W/2].
Tensor fir_halve(const Tensor& x_bchw);
/// [B, C, H, W] -> [B, C, 2H, 2W].
Tensor fir_double(const Tensor& x_bchw);

}  // namespace mezzotint
