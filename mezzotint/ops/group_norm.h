#pragma once

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

/// torch's group_norm, with SiLU behind it when `silu`; differentiable in every tensor. On the CPU
/// in float32 and channels_last one pass of kernels/group_norm does both, and keeps only x for the
/// backward pass; all else is LibTorch's. x_bchw [B, C, H, W], weight and bias [C], C divided
/// evenly by `groups` -> shaped as x.
Tensor group_norm(const Tensor& x_bchw, int64_t groups, const Tensor& weight, const Tensor& bias,
                  double eps, bool silu = false);

}  // namespace mezzotint::ops
