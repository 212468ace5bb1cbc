#pragma once

#include <optional>

#include "mezzotint/models/residual_layer.h"

namespace mezzotint {

/// Residual block, attention (if add_attention), residual block: [B, C, H, W] -> [B, C, H, W].
/// Keys: attentions, resnets. diffusers: UNetMidBlock2D.
class MidBlock {
 public:
  MidBlock(const Params& params, const UNet2DConfig& config);
  Tensor operator()(const Tensor& x_bchw, const ForwardContext& context) const;

 private:
  std::optional<ResidualLayer> first_, second_;
};

}  // namespace mezzotint
