#pragma once

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

/// softmax(Q K^T / sqrt(head size)) V for every head; differentiable in all three. On the CPU in
/// float32 heads of at most 64 and pictures of at most 1024 tokens take kernels/attention; all else
/// is LibTorch's. q, k, v [B, tokens, heads * head size], heads side by side as the projections
/// leave them -> shaped as q.
Tensor attention(const Tensor& q_bnc, const Tensor& k_bnc, const Tensor& v_bnc, int64_t heads);

}  // namespace mezzotint::ops
