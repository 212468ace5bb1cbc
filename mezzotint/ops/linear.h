#pragma once

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

/// torch's linear over the last dimension, plus `addend` if defined: row_product for any number of
/// leading dimensions. x [..., in], weight [out, in], bias [out] or undefined, addend shaped as the
/// result -> [..., out]. Differentiable in every tensor.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& addend = {});

}  // namespace mezzotint::ops
