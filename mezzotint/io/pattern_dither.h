#pragma once

#include <cstdint>
#include <vector>

#include "mezzotint/io/image.h"
#include "mezzotint/io/palette.h"

namespace mezzotint {

/// A picture in the colours of a palette: for each pixel, row by row, an index. A colour that the
/// palette lacks becomes a pattern of four of its colours in squares of 2 x 2, whose mean comes
/// near to it (pattern dithering: Knoll, US patent 6606166, expired 2019). What a pixel becomes
/// depends on its colour and its place only, so that what stands still in an animation doesn't
/// flicker, as it would with error diffusion.
/// @param rgb 3 channels. @param palette 1 to 256 colours.
std::vector<uint8_t> pattern_dither(const Image& rgb, const std::vector<PackedColor>& palette);

}  // namespace mezzotint
