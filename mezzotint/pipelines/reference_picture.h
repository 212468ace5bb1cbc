#pragma once

#include <filesystem>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// A picture file as what guidance compares with: scaled to cover height x width and cropped in the
/// middle, by the mean of the pixels where it shrinks (PIL's box filter) and bilinear where it
/// grows; transparency shows white. -> [1, channels, height, width] float32 in [-1, 1].
/// @param channels 1 (grey) or 3.
/// @throws Error naming the file.
Tensor read_reference_picture(const std::filesystem::path& path, int64_t channels, int64_t height,
                              int64_t width);

/// The same as CLIP's preprocessing has it before the mean is taken off: by PIL's bicubic filter.
/// -> [1, 3, size, size] float32 in [0, 1]. @throws Error naming the file.
Tensor read_clip_picture(const std::filesystem::path& path, int64_t size);

}  // namespace mezzotint
