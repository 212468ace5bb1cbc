#pragma once

#include "mezzotint/data/loader.h"
#include "mezzotint/io/image.h"

namespace mezzotint {

/// The part of transform() that needs no random number: channels and scaling. The result has the
/// wanted size, but for random_crop, where it covers it. Worth keeping between epochs.
Image prepare(const Image& image, const TransformConfig& config);

/// The rest: crop, flip, range. `out` holds channels * height * width floats, planes one after
/// another, in [-1, 1].
void finish(const Image& prepared, const TransformConfig& config, uint64_t seed, float* out);

/// What prepare() and finish() can do with: @throws Error (kUsage) naming the field.
void check_transform(const TransformConfig& config);

/// Width and height that finish() gives.
std::array<int64_t, 2> output_size(const Image& prepared, const TransformConfig& config);

}  // namespace mezzotint
