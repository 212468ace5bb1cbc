#pragma once

#include <string>

#include "mezzotint/io/image.h"

namespace mezzotint {

enum class Filter { kNearest, kBox, kBilinear, kBicubic, kLanczos };

/// @throws Error (kUsage) for a name other than nearest, box, bilinear, bicubic and lanczos.
Filter filter_from_name(const std::string& name);

/// The picture at another size, equal to PIL's Image.resize(size, filter) in every bit. But for
/// nearest, every output pixel is a weighted mean over all input pixels that its filter covers
/// (widened when shrinking, so nothing is skipped), first along rows, then along columns, in whole
/// numbers of 22 fractional bits. An axis that keeps its size is left alone. Channels are filtered
/// apart from each other: put transparent pictures on a background first.
/// @throws Error when a size isn't positive or the result would exceed kMaxPixels.
Image resize(const Image& image, int width, int height, Filter filter);

}  // namespace mezzotint
