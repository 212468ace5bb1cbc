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

/// x W_i^T + bias_i for several weights of one x [rows, K], which is read once, as its gradient is
/// written once. biases: as many as weights, all defined, or none. -> [rows, N_i].
std::vector<Tensor> row_products(const Tensor& x, const std::vector<Tensor>& weights,
                                 const std::vector<Tensor>& biases);

/// y^T x: [rows, N], [rows, K] -> [N, K], the gradient of a weight. Not differentiable. float32 on
/// the CPU.
Tensor row_sums(const Tensor& y, const Tensor& x);

}  // namespace mezzotint::ops
