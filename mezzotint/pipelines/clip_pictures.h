#pragma once

#include <filesystem>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// A picture file as CLIP's preprocessing has it before the mean is taken off: the shorter side
/// brought to `size` by PIL's bicubic filter, the middle cut out, transparency on white.
/// -> [1, 3, size, size] float32 in [0, 1]. @throws Error naming the file.
Tensor read_clip_picture(const std::filesystem::path& path, int64_t size);

}  // namespace mezzotint
