#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace mezzotint {

using at::IntArrayRef;
using at::Tensor;

}  // namespace mezzotint
