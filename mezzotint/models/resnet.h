#pragma once

#include <optional>

#include "mezzotint/models/forward_context.h"
#include "mezzotint/models/layers.h"
#include "mezzotint/models/unet_2d_config.h"

namespace mezzotint {

/// Halves or doubles a picture: [B, C, H, W] -> [B, C, H', W'].
using Resample = Tensor (*)(const Tensor& x_bchw);

struct ResnetSpec {
  int64_t in = 0, out = 0;
  int64_t groups = 0, groups_out = 0;  ///< of the first and the second GroupNorm
  double output_scale = 1;             ///< divides the sum
  Resample resample = nullptr;         ///< applied before the first convolution, on both branches
  bool always_shortcut = false;        ///< a shortcut convolution also where in == out
};

/// The usual residual block of a configuration.
ResnetSpec resnet_spec(const UNet2DConfig& config, int64_t in, int64_t out);

/// Residual block of the DDPM UNet: Ho et al. 2020, arXiv:2006.11239, appendix B. diffusers:
/// models/resnet.py. Keys: norm1, conv1, time_emb_proj, norm2, conv2, and conv_shortcut (1 x 1)
/// where in != out.
class ResnetBlock2D {
 public:
  ResnetBlock2D(const Params& params, const UNet2DConfig& config, const ResnetSpec& spec);
  /// One tensor [B, in, H, W], or two whose channels side by side make up `in` -> [B, out, H, W],
  /// or resampled. Lets go of the parts once they have been read.
  Tensor operator()(std::vector<Tensor> parts, const ForwardContext& context) const;

 private:
  Tensor shortcut(std::vector<Tensor> parts) const;
  ops::Forked first_convolution(std::vector<Tensor> parts, const Tensor& temb_bk) const;
  Tensor second_convolution(const Tensor& h, const Tensor& temb_bk, const Tensor& shortcut,
                            const ForwardContext& context) const;

  Activation act_;
  bool scale_shift_;
  double dropout_;
  double output_scale_;
  Resample resample_;
  GroupNorm norm1_;
  Conv2d conv1_;
  Linear time_emb_proj_;
  GroupNorm norm2_;
  Conv2d conv2_;
  std::optional<Conv2d> conv_shortcut_;
};

}  // namespace mezzotint
