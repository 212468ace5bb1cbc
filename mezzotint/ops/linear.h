#pragma once

#include <vector>

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

/// torch's linear over the last dimension, plus `addend` if defined: row_product for any number of
/// leading dimensions. x [..., in], weight [out, in], bias [out] or undefined, addend shaped as the
/// result -> [..., out]. Differentiable in every tensor.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& addend = {});

/// Several linear layers of one x: row_products for any number of leading dimensions.
std::vector<Tensor> linears(const Tensor& x, const std::vector<Tensor>& weights,
                            const std::vector<Tensor>& biases);

}  // namespace mezzotint::ops
