#pragma once

#include "mezzotint/ops/low_rank.h"

namespace mezzotint::ops {

/// torch's conv2d (groups 1, dilation 1), differentiable in every argument. 3x3 with stride 1 and
/// padding 1 goes to conv3x3, 1x1 with stride 1 to pointwise; all else is LibTorch's. x_bchw [B,
/// in, H, W], weight [out, in, k, k], bias [out] or undefined -> [B, out, H', W'], channels_last
/// when x is. A change of the weight has A [rank, in, k, k] and B [out, rank, 1, 1].
Tensor conv2d(const Tensor& x_bchw, const Tensor& weight, const Tensor& bias, int64_t stride,
              int64_t padding, const LowRank& change = {});

}  // namespace mezzotint::ops
