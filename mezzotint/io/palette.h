#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mezzotint/io/image.h"

namespace mezzotint {

/// A colour as 0xRRGGBB.
using PackedColor = uint32_t;

inline PackedColor pack_color(const uint8_t* rgb) {
  return PackedColor{rgb[0]} << 16U | PackedColor{rgb[1]} << 8U | rgb[2];
}
/// 0 red, 1 green, 2 blue.
inline int color_channel(PackedColor color, int channel) {
  return static_cast<int>(color >> (16U - 8U * static_cast<unsigned>(channel)) & 0xffU);
}

/// The colours that stand best for those of a picture: its own where it has at most `most`. Else
/// RGB space is cut into boxes, always the one with the greatest squared error, where that lessens
/// it most (Wu, "Efficient statistical computations for optimal color quantization", Graphics Gems
/// II, 1991; here on the colours themselves), and each box gives its mean, or the colour that fills
/// more than half of it, such as a background.
/// @param rgb 3 channels. @param most 1 to 256.
std::vector<PackedColor> choose_palette(const Image& rgb, size_t most);

}  // namespace mezzotint
