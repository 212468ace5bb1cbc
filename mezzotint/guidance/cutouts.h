#pragma once

#include <cstdint>

#include "mezzotint/base/random.h"
#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// How cutouts are drawn: torchvision's RandomResizedCrop, RandomAffine (rotation only) and
/// RandomHorizontalFlip, one after another, as the course has them before CLIP.
struct CutoutConfig {
  double min_area = 0.08;  ///< of the picture's area
  double max_area = 1.0;
  double min_ratio = 3.0 / 4;  ///< width / height
  double max_ratio = 4.0 / 3;
  double degrees = 5;  ///< turned by up to so much either way
  double flip = 0.5;   ///< probability
};

/// One cutout: a part of the picture, brought to a square, turned and perhaps mirrored.
struct Cutout {
  int64_t top = 0, left = 0, height = 0, width = 0;  ///< in pixels of the picture
  double degrees = 0;                                ///< counterclockwise, as torchvision's angle
  bool flip = false;
};

/// Draws one. A torch.Generator of the same seed gives torchvision's transforms the same numbers
/// (torchvision/transforms/transforms.py: RandomResizedCrop.get_params, RandomAffine.get_params).
/// @param height, width of the picture.
Cutout draw_cutout(const CutoutConfig& config, int64_t height, int64_t width, RandomStream& stream);

/// Cuts it out of every picture: bilinear with antialiasing to size x size, turned with the nearest
/// pixel and black (0) beyond the edge, mirrored. Differentiable.
/// (torchvision/transforms/functional.py: resized_crop, affine, hflip.)
/// x_bchw [B, C, H, W] -> [B, C, size, size]. @throws Error when it reaches out of the picture.
Tensor cut_out(const Tensor& x_bchw, const Cutout& cutout, int64_t size);

/// @throws Error (kUsage) naming the value that can't be.
void check(const CutoutConfig& config);

}  // namespace mezzotint
