#include "mezzotint/io/nearest_color.h"

#include <algorithm>
#include <limits>

#include "mezzotint/base/error.h"

namespace mezzotint {

NearestColor::NearestColor(const std::vector<PackedColor>& palette) {
  MEZZO_CHECK(!palette.empty() && palette.size() <= 256, "a palette of ", palette.size(),
              " colours, wanted 1 to 256");
  for (size_t i = 0; i < 256; ++i)  // copies of the last are never the first of several
    for (int c = 0; c < 3; ++c)
      channels_[c][i] = color_channel(palette[std::min(i, palette.size() - 1)], c);
}

uint8_t NearestColor::operator()(std::array<int, 3> rgb) const {
  // Distance and index in one number, so that the loop is a plain minimum, which compilers make
  // into SIMD; a square is less than 2^23 as long as a channel is within a thousand of the cube.
  const auto& [red, green, blue] = channels_;
  int best = std::numeric_limits<int>::max();
  for (int i = 0; i < 256; ++i) {
    const int r = red[i] - rgb[0], g = green[i] - rgb[1], b = blue[i] - rgb[2];
    best = std::min(best, (r * r + g * g + b * b) << 8 | i);
  }
  return static_cast<uint8_t>(best & 0xff);
}

}  // namespace mezzotint
