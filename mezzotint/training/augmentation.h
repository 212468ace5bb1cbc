#pragma once

#include "mezzotint/base/random.h"
#include "mezzotint/base/tensor.h"
#include "mezzotint/training/augmentation_config.h"

namespace mezzotint {

/// Each picture another way: moved, turned and scaled on its background, its colours mixed and its
/// contrast changed, some blurred, half with noise as at a late step of diffusion. x_bchw [B, C, H,
/// W] in
/// [-1, 1] -> the same shape, in [-1.5, 1.5]. The stream decides.
Tensor augmented(const Tensor& x_bchw, const AugmentationConfig& config, RandomStream& stream);

/// @throws Error (kUsage) naming the value that can't be.
void check(const AugmentationConfig& config);

}  // namespace mezzotint
