#pragma once

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

/// What an adapter changes of a layer's weight: a matrix of low rank (LoRA; Hu et al. 2021,
/// arXiv:2106.09685, equation 3),
///   W' = W + scale B A
/// In a convolution A is one onto `rank` channels, with the layer's kernel, stride and padding, and
/// B a 1x1 convolution behind it, which is a matrix product again once the kernels are flattened
/// (peft's layer.py, get_delta_weight).
struct LowRank {
  Tensor a;  ///< [rank, in] or [rank, in, k, k]; undefined: no change
  Tensor b;  ///< [out, rank] or [out, rank, 1, 1]
  double scale = 1;

  bool defined() const { return a.defined(); }
  /// scale B: what follows A where the two are computed beside W.
  Tensor scaled_b() const;
};

/// W', shaped as the weight [out, in] or [out, in, k, k]. Differentiable in every tensor.
Tensor merged(const Tensor& weight, const LowRank& change);

}  // namespace mezzotint::ops
