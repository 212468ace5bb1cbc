#pragma once

#include <vector>

#include "mezzotint/ops/low_rank.h"

namespace mezzotint::ops {

/// torch's linear over the last dimension, plus `addend` if defined: row_product for any number of
/// leading dimensions. x [..., in], weight [out, in], bias [out] or undefined, addend shaped as the
/// result -> [..., out]. A change of the weight is computed beside it and comes in as an addend.
/// Differentiable in every tensor.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& addend = {},
              const LowRank& change = {});

/// Several linear layers of one x: row_products for any number of leading dimensions.
/// @param changes of the weights, each defined or not; or none.
std::vector<Tensor> linears(const Tensor& x, const std::vector<Tensor>& weights,
                            const std::vector<Tensor>& biases,
                            const std::vector<LowRank>& changes = {});

}  // namespace mezzotint::ops
