#pragma once

#include "mezzotint/io/palette.h"

namespace mezzotint {

inline int squared_distance(PackedColor a, PackedColor b) {
  int sum = 0;
  for (int c = 0; c < 3; ++c) {
    const int difference = color_channel(a, c) - color_channel(b, c);
    sum += difference * difference;
  }
  return sum;
}

}  // namespace mezzotint
