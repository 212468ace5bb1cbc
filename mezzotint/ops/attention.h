#pragma once

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

/// softmax(Q K^T / sqrt(head size)) V for every head; differentiable in all three. On the CPU in
/// float32 it is kernels/attention, whose memory grows with the tokens, not with their square; all
/// else is LibTorch's. q, k, v [B, tokens, heads * head size], heads side by side as the
/// projections leave them -> shaped as q. The same bits every time with the same number of threads.
Tensor attention(const Tensor& q_bnc, const Tensor& k_bnc, const Tensor& v_bnc, int64_t heads);

}  // namespace mezzotint::ops
