#pragma once

#include <cstddef>

namespace mezzotint::kernels {

// softmax(Q K^T / sqrt(head size)) V for one head of one picture: Vaswani et al. 2017,
// arXiv:1706.03762, equation 1. For heads and pictures small enough that a head's keys and values
// stay in the cache; scores are made a few rows at a time. q, k, v, out and their gradients are
// [tokens][head_size], rows `stride` floats apart, so heads are read where they lie in
// [tokens][heads][head_size].

struct AttentionShape {
  size_t tokens = 0;     ///< pixels of the picture
  size_t head_size = 0;  ///< channels of the head
  size_t stride = 0;     ///< channels of all heads
};

/// Floats of scratch that one call needs, forward or backward.
size_t attention_scratch_size(const AttentionShape& shape);

/// Writes out and, for the backward pass, the logarithm of each row's sum of exponentials: log_sums
/// [tokens].
void attention_forward(const AttentionShape& shape, const float* q, const float* k, const float* v,
                       float* out, float* log_sums, float* scratch);

/// Writes grad_q, grad_k, grad_v from what the forward pass read and wrote. Probabilities are
/// computed again.
void attention_backward(const AttentionShape& shape, const float* q, const float* k, const float* v,
                        const float* out, const float* log_sums, const float* grad_out,
                        float* grad_q, float* grad_k, float* grad_v, float* scratch);

}  // namespace mezzotint::kernels
