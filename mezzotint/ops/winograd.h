#pragma once

#include <vector>

#include "mezzotint/ops/normalization.h"

namespace mezzotint::ops {

// kernels/winograd for tensors, on all threads. Tensors are float32 on the CPU, pictures in
// channels_last, weights contiguous.

/// What a 3x3 convolution reads: one tensor [B, C, H, W], or two side by side, replaced by
/// act(x * scale + shift) when scale_bc is defined; doubled in height and width if wanted.
struct WinogradSource {
  std::vector<Tensor> parts;
  Tensor scale_bc, shift_bc;  ///< [B, C]
  bool silu = false;
  bool doubled = false;

  int64_t channels() const;
};

/// What is added to the sums; each may be undefined.
struct WinogradAddends {
  Tensor bias;           ///< [out]
  Tensor image_bias_bk;  ///< [B, out]
  Tensor addend_bchw;    ///< [B, out, H, W]
};

/// weight [out, in, 3, 3] -> [B, out, H, W]. Notes the moments of the result where they are wanted.
Tensor winograd_conv(const WinogradSource& source, const Tensor& weight,
                     const WinogradAddends& addends);

/// The gradient of the input [B, in, H, W] of a convolution by `weight` [out, in, 3, 3]; with
/// `halved`, of the input before doubling.
Tensor winograd_input_grad(const Tensor& grad_y, const Tensor& weight, bool halved);

/// The same passed back through the scale, shift and SiLU of what was read, which wasn't doubled.
/// @param means_bc what is subtracted from x in the sums.
NormedGrad winograd_normed_grad(const Tensor& grad_y, const Tensor& weight,
                                const WinogradSource& read, const Tensor& means_bc);

/// [out, in, 3, 3]. The same bits every time with the same number of threads.
Tensor winograd_weight_grad(const WinogradSource& source, const Tensor& grad_y);

}  // namespace mezzotint::ops
