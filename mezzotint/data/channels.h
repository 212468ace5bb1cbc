#pragma once

#include "mezzotint/base/color.h"
#include "mezzotint/io/image.h"

namespace mezzotint {

/// The picture with 1 channel (luma of ITU-R 601 in PIL's whole-number form, (19595 R + 38470 G +
/// 7471 B + 2^15) >> 16) or 3 (RGB). Transparent pixels are put on `background` first, as PIL's
/// paste with a mask does.
Image with_channels(const Image& image, int channels, Rgb background);

}  // namespace mezzotint
