#pragma once

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

/// x * sigmoid(1.702 x) on every element, shaped as x; differentiable. On the CPU in float32 it is
/// kernels/quick_gelu, one pass over memory either way; all else is LibTorch's.
Tensor quick_gelu(const Tensor& x);

}  // namespace mezzotint::ops
