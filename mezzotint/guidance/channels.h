#pragma once

#include "mezzotint/guidance/loss_resources.h"

namespace mezzotint {

// What losses on pixels have in common.

/// @throws Error unless the run's pictures have three channels.
void check_rgb(const LossResources& resources, const char* loss);

/// Mean over all values of a picture, those under the mask only where there is one.
/// x_bchw [B, C, H, W], mask_11hw [1, 1, H, W] in [0, 1] or undefined -> [B].
Tensor masked_mean(const Tensor& x_bchw, const Tensor& mask_11hw);

/// The brightness of each pixel as the eye sees it (ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B), in
/// [0, 1] for pictures in model range; a grey picture's own. [B, C, H, W] -> [B, 1, H, W].
Tensor luma(const Tensor& x_bchw);

}  // namespace mezzotint
