#pragma once

#include <vector>

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

/// y = [x0, x1] W^T + bias + addend: what a linear layer and a 1x1 convolution over NHWC memory
/// have in common. Whatever isn't given is left out.
struct RowProduct {
  std::vector<Tensor> parts;  ///< one tensor [rows, K], or two that are read as one of K0 + K1
  Tensor weight, bias;        ///< [N, K], [N]
  Tensor addend;              ///< [rows, N]: the residual
};

/// Differentiable in every tensor. On the CPU in float32 it is kernels/matmul, of which nothing but
/// the arguments is kept for the backward pass; few rows and all else are LibTorch's. -> [rows, N].
/// The same bits every time with the same number of threads.
Tensor row_product(const RowProduct& work);

}  // namespace mezzotint::ops
