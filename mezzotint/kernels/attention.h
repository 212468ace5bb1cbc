#pragma once

#include <cstddef>

namespace mezzotint::kernels {

// softmax(Q K^T / sqrt(head size)) V for one head of one picture: Vaswani et al. 2017,
// arXiv:1706.03762, equation 1. Scores are made for a block of queries and a block of keys at a
// time and never kept: Rabe & Staats 2021, arXiv:2112.05682; Dao et al. 2022, arXiv:2205.14135.
//
// q, k, v, out and their gradients are [tokens][head_size], rows `stride` floats apart, so that
// heads are read where they lie in [tokens][heads][head_size]. A caller hands out ranges of queries
// to its threads, and gives each thread a scratch area; this file knows no threads.

struct AttentionShape {
  size_t tokens = 0;     ///< pixels of the picture
  size_t head_size = 0;  ///< channels of the head
  size_t stride = 0;     ///< channels of all heads
};

/// Queries that are worked on together; ranges best start at a multiple.
inline constexpr size_t kAttentionBlock = 64;

/// Floats of scratch that a thread needs, forward and backward.
size_t attention_scratch_size(const AttentionShape& shape);
size_t attention_grad_scratch_size(const AttentionShape& shape);

/// Writes the rows [first, last) of out and, for the backward pass, the logarithm to base 2 of each
/// row's sum of exponentials: log_sums [tokens].
void attention_forward(const AttentionShape& shape, const float* q, const float* k, const float* v,
                       size_t first, size_t last, float* out, float* log_sums, float* scratch);

/// What the forward pass read and wrote, and the gradient of its result.
struct AttentionSaved {
  const float *q, *k, *v, *out, *log_sums, *grad_out;
};

/// Floats of the sums over queries that make up the gradients of keys and values.
size_t attention_sums_size(const AttentionShape& shape);

/// Writes the rows [first, last) of grad_q and adds what these queries contribute to the gradients
/// of keys and values to `sums` (zero at the start). Probabilities are computed again.
void attention_backward(const AttentionShape& shape, const AttentionSaved& saved, size_t first,
                        size_t last, float* grad_q, float* sums, float* scratch);

/// The rows [first, last) of grad_k and grad_v from `parts` sums over different queries, added in
/// their order.
void attention_key_grads(const AttentionShape& shape, const float* sums, size_t parts, size_t first,
                         size_t last, float* grad_k, float* grad_v);

}  // namespace mezzotint::kernels
