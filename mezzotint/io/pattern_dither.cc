#include "mezzotint/io/pattern_dither.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "mezzotint/base/error.h"
#include "mezzotint/io/nearest_color.h"

namespace mezzotint {
namespace {

constexpr int kSide = 2;
// Of the four colours from dark to bright, which comes where: the middle ones on a diagonal.
constexpr int kPlaces[kSide][kSide] = {{0, 2}, {3, 1}};
using Pattern = std::array<uint8_t, 4>;  // indices, from dark to bright

int brightness(PackedColor color) {
  return 299 * color_channel(color, 0) + 587 * color_channel(color, 1) +
         114 * color_channel(color, 2);
}

/// Each of the four is the nearest to the colour and what those before it lack.
Pattern pattern_of(PackedColor color, const std::vector<PackedColor>& palette,
                   const NearestColor& nearest) {
  Pattern pattern;
  std::array<int, 3> wanted = {};
  for (uint8_t& index : pattern) {
    for (int c = 0; c < 3; ++c) wanted[c] += color_channel(color, c);
    index = nearest(wanted);
    for (int c = 0; c < 3; ++c) wanted[c] -= color_channel(palette[index], c);
  }
  std::ranges::sort(pattern, {},
                    [&](uint8_t index) { return std::pair(brightness(palette[index]), index); });
  return pattern;
}

}  // namespace

std::vector<uint8_t> pattern_dither(const Image& rgb, const std::vector<PackedColor>& palette) {
  MEZZO_CHECK(rgb.channels == 3, "pattern_dither: ", rgb.channels, " channels, wanted 3");
  const NearestColor nearest(palette);
  std::unordered_map<PackedColor, Pattern> patterns;
  std::vector<uint8_t> indices;
  indices.reserve(rgb.pixels.size() / 3);
  for (int y = 0; y < rgb.height; ++y)
    for (int x = 0; x < rgb.width; ++x) {
      const PackedColor color = pack_color(&rgb.pixels[3 * indices.size()]);
      auto found = patterns.find(color);
      if (found == patterns.end())
        found = patterns.emplace(color, pattern_of(color, palette, nearest)).first;
      indices.push_back(found->second[kPlaces[y % kSide][x % kSide]]);
    }
  return indices;
}

}  // namespace mezzotint
