#pragma once

#include <vector>

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

/// A 1x1 convolution with stride 1 and what surrounds it: y = conv([x0; x1]) + bias + addend.
/// Whatever isn't given is left out.
struct Pointwise {
  std::vector<Tensor> parts;  ///< one tensor [B, C, H, W], or two that are read as one of C0 + C1
  Tensor weight, bias;        ///< [out, in, 1, 1], [out]
  Tensor addend_bchw;         ///< [B, out, H, W]: the residual
};

/// Differentiable in every tensor. With channels_last pictures it is row_product on the same
/// memory; others are copied into channels_last first. -> [B, out, H, W], channels_last.
Tensor pointwise(const Pointwise& work);

}  // namespace mezzotint::ops
