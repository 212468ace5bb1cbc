#pragma once

#include <vector>

#include "mezzotint/ops/low_rank.h"

namespace mezzotint::ops {

/// A 1x1 convolution with stride 1 and what surrounds it: y = conv([x0; x1]) + bias + addend.
/// Whatever isn't given is left out.
struct Pointwise {
  std::vector<Tensor> parts;  ///< one tensor [B, C, H, W], or two that are read as one of C0 + C1
  Tensor weight, bias;        ///< [out, in, 1, 1], [out]
  Tensor addend_bchw;         ///< [B, out, H, W]: the residual
  LowRank change;             ///< of the weight: [rank, in, 1, 1], [out, rank, 1, 1]
};

/// Differentiable in every tensor. With channels_last pictures it is row_product on the same
/// memory; others are copied into channels_last first. A weight's change is computed beside it and
/// comes in as an addend. -> [B, out, H, W], channels_last.
Tensor pointwise(const Pointwise& work);

}  // namespace mezzotint::ops
