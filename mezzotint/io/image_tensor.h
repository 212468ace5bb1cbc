#pragma once

#include "mezzotint/base/tensor.h"
#include "mezzotint/io/image.h"

namespace mezzotint {

/// Pixels as a tensor: [C, H, W] float32 in [0, 1] (value / 255).
Tensor image_to_tensor(const Image& image);

/// A picture in model range as pixels: round((x / 2 + 0.5) clamped to [0, 1] * 255), as diffusers'
/// pipelines do it. x_chw [1 or 3, H, W], any device and float type.
Image tensor_to_image(const Tensor& x_chw);

/// Tiles a batch as torchvision's make_grid does: `columns` pictures a row, `padding` pixels around
/// each. x_bchw [B, C, H, W] -> [C, rows * (H + padding) + padding, columns * (W + padding) +
/// padding]; fewer pictures than columns make a narrow grid. With one picture and no need for a
/// grid, callers skip it.
/// @param pad_value in the range of x: 0 is mid-grey for model range, as in the course.
Tensor make_grid(const Tensor& x_bchw, int64_t columns, int64_t padding = 2,
                 double pad_value = 0.0);

}  // namespace mezzotint
