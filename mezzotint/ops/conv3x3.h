#pragma once

#include <optional>
#include <vector>

#include "mezzotint/ops/low_rank.h"
#include "mezzotint/ops/normalization.h"

namespace mezzotint::ops {

/// A 3x3 convolution, stride 1 and padding 1, with what surrounds it in a residual block:
///   y = conv(double(act(norm([x0; x1])))) + bias + image_bias + addend
/// Whatever isn't given is left out.
struct Conv3x3 {
  std::vector<Tensor> parts;  ///< one tensor [B, C, H, W], or two that are read as one of C0 + C1
  std::optional<Norm> norm;
  bool doubled = false;  ///< each pixel counts for 2 x 2 (nearest upsampling)
  Tensor weight, bias;   ///< [out, in, 3, 3], [out]
  Tensor image_bias_bk;  ///< [B, out]: the time embedding
  Tensor addend_bchw;    ///< [B, out, H', W']: the residual
  LowRank change;        ///< of the weight: [rank, in, 3, 3], [out, rank, 1, 1]
};

/// Differentiable in every tensor. On the CPU in float32 it is one pass of kernels/winograd
/// forward, and keeps nothing for the backward pass but its arguments; all else is a chain of
/// LibTorch's ops. Winograd's rounding differs from a direct sum by about 2e-5 of the output's
/// scale. -> [B, out, H', W'], channels_last.
///
/// A changed weight is merged on the way, forward as back, and computes what the merged one would,
/// to the bit, with no pass over pictures beside the convolution's. The gradients of A and B don't
/// go by way of the weight's, which is the most expensive part of a backward pass:
///   dA is that of a convolution onto `rank` channels, for scale B^T dy
///   dB = scale sum over the pixels of dy (A x)^T
Tensor conv3x3(const Conv3x3& work);

/// The same, and the parts for whoever else reads them: gradients that come back through these are
/// added where the norm's are made, which saves a pass over memory.
struct Forked {
  Tensor y;
  std::vector<Tensor> parts;
};
Forked conv3x3_forked(const Conv3x3& work);

}  // namespace mezzotint::ops
