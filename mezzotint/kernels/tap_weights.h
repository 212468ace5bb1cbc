#pragma once

#include <cstddef>

#include "mezzotint/kernels/matmul.h"

namespace mezzotint::kernels {

// The weight [out][in][taps] of a convolution, as checkpoints hold it, in the order of tap_conv.

/// A selection of a filter's taps, in the order in which they are wanted.
struct TapWeights {
  size_t out = 0, in = 0;
  size_t taps = 0;  ///< of the filter: 9
  size_t chosen_count = 0;
  size_t chosen[9] = {};  ///< indices of taps
};

/// The shape of B [chosen][in][out] of a forward pass, and of B [chosen][out][in] of an input
/// gradient; their panels are those of matmul_packed_size.
inline MatmulShape tap_weights_shape(const TapWeights& weights) {
  return {weights.chosen_count * weights.in, weights.out};
}
inline MatmulShape tap_weights_grad_shape(const TapWeights& weights) {
  return {weights.chosen_count * weights.out, weights.in};
}

/// Packs the panels [first, last) for a forward pass.
void tap_weights_pack(const TapWeights& weights, const float* weight, size_t first, size_t last,
                      float* packed);

/// Packs the panels [first, last) for an input gradient.
void tap_weights_pack_grad(const TapWeights& weights, const float* weight, size_t first,
                           size_t last, float* packed);

/// Sums [out][taps][step] of tap_conv_row_sums, of `parts` parts added in their order ->
/// grad_weight [out][in][taps], for the rows [first, last) of out.
void tap_weights_grad(const TapWeights& weights, const float* sums, size_t step, size_t parts,
                      size_t first, size_t last, float* grad_weight);

}  // namespace mezzotint::kernels
