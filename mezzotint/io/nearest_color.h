#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mezzotint/io/palette.h"

namespace mezzotint {

/// Finds the colour of a palette that is nearest to any point of RGB space, also outside the cube.
class NearestColor {
 public:
  explicit NearestColor(const std::vector<PackedColor>& palette);

  /// @return the index in the palette of the nearest colour, the first of several.
  uint8_t operator()(std::array<int, 3> rgb) const;

 private:
  std::array<std::array<int, 256>, 3> channels_ = {};  ///< of the palette, padded to 256 colours
};

}  // namespace mezzotint
