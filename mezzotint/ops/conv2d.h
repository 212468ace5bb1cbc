#pragma once

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

/// torch's conv2d (groups 1, dilation 1), differentiable in every argument. On the CPU in float32,
/// 3x3 convolutions with stride 1 and padding 1 of enough channels and pixels take
/// kernels/winograd; all else is LibTorch's. x_bchw [B, in, H, W], weight [out, in, k, k], bias
/// [out] or undefined -> [B, out, H', W'], channels_last when x is. Winograd's rounding differs
/// from a direct sum by about 2e-5 of the output's scale.
Tensor conv2d(const Tensor& x_bchw, const Tensor& weight, const Tensor& bias, int64_t stride,
              int64_t padding);

}  // namespace mezzotint::ops
