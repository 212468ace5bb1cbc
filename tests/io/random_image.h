#pragma once

#include <random>

#include "mezzotint/io/image.h"

namespace mezzotint {

/// Pixels of which every value is equally likely, decided by the seed.
inline Image random_image(int width, int height, int channels, unsigned seed) {
  std::mt19937 random(seed);
  Image image{.width = width, .height = height, .channels = channels};
  image.pixels.resize(static_cast<size_t>(width) * height * channels);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(random() >> 24U);
  return image;
}

}  // namespace mezzotint
