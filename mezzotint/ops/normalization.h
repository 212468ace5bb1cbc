#pragma once

#include <vector>

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

// GroupNorm over one tensor, or over two whose channels lie side by side, as kernels/group_norm
// does it: shared by the ops that normalise. Tensors are float32 on the CPU in channels_last.

/// GroupNorm of a concatenation, with SiLU behind it when `silu`.
struct Norm {
  Tensor weight, bias;  ///< [C]
  int64_t groups = 0;
  double eps = 1e-5;
  bool silu = false;
};

/// What x is multiplied with and what is added to it, and what they were made of.
struct ScaleAndShift {
  Tensor scale_bc, shift_bc;  ///< [B, C]: weight * rstd, bias - mean * scale
  Tensor mean_bg, rstd_bg;    ///< [B, groups], of the concatenation
};

/// Reads the parts [B, C_i, H, W] once, but for those whose moments are noted; notes the others'.
/// The sums of a picture are the same with any number of threads.
ScaleAndShift group_norm_scale(const std::vector<Tensor>& parts, const Norm& norm);

/// The same without reading the parts, from mean and rstd.
ScaleAndShift group_norm_scale(const Norm& norm, const Tensor& mean_bg, const Tensor& rstd_bg);

/// act(scale * x + shift), the parts side by side.
Tensor normalized(const std::vector<Tensor>& parts, const ScaleAndShift& by, bool silu);

/// On the way back, the gradient of z = scale * x + shift, and what the rest of the way takes of
/// it.
struct NormedGrad {
  Tensor grad_z_bchw;
  Tensor sums_b2c;  ///< [B, 2, C], float64: over the pixels, of grad_z and of grad_z * (x - mean)
};

/// The mean of each channel's group: [B, C].
Tensor channel_means(const Norm& norm, const Tensor& mean_bg);

/// From the gradient of act(z), which is overwritten if `may_overwrite`.
NormedGrad activation_backward(const std::vector<Tensor>& parts, const Norm& norm,
                               const ScaleAndShift& by, const Tensor& grad_y, bool may_overwrite);

struct NormGrads {
  std::vector<Tensor> parts;  ///< empty when they weren't asked for
  Tensor weight, bias;
};

/// From the gradient of z, which is overwritten. What `addends` defines is added to the gradients
/// of the parts, and overwritten if nobody else holds it.
NormGrads group_norm_backward(const std::vector<Tensor>& parts, const Norm& norm,
                              const ScaleAndShift& by, const NormedGrad& grad, bool wants_parts,
                              const std::vector<Tensor>& addends = {});

/// Sums over the pixels: [B, C, H, W] -> [B, C].
Tensor pixel_sums(const Tensor& x_bchw);

}  // namespace mezzotint::ops
