#include "mezzotint/data/channels.h"

#include <algorithm>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

uint8_t luma(const uint8_t* rgb) {
  return static_cast<uint8_t>((19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 0x8000) >> 16);
}

/// (under * (255 - alpha) + over * alpha) / 255, rounded.
uint8_t blend(uint8_t under, uint8_t over, uint8_t alpha) {
  const int sum = under * (255 - alpha) + over * alpha + 128;
  return static_cast<uint8_t>((sum + (sum >> 8)) >> 8);
}

}  // namespace

Image with_channels(const Image& image, int channels, Rgb background) {
  MEZZO_CHECK(channels == 1 || channels == 3,
              "pictures have 1 (grey) or 3 (RGB) channels here, not ", channels);
  if (image.channels == channels) return image;
  const bool alpha = image.channels == 2 || image.channels == 4, grey = image.channels <= 2;
  Image out;
  out.width = image.width;
  out.height = image.height;
  out.channels = channels;
  out.stored_as = image.stored_as;
  const size_t pixels = static_cast<size_t>(image.width) * image.height;
  out.pixels.resize(pixels * channels);
  for (size_t i = 0; i < pixels; ++i) {
    const uint8_t* in = &image.pixels[i * image.channels];
    Rgb rgb = {in[0], in[grey ? 0 : 1], in[grey ? 0 : 2]};
    if (alpha)
      for (size_t c = 0; c < 3; ++c) rgb[c] = blend(background[c], rgb[c], in[image.channels - 1]);
    if (channels == 1)
      out.pixels[i] = luma(rgb.data());
    else
      std::copy_n(rgb.data(), 3, &out.pixels[i * 3]);
  }
  return out;
}

}  // namespace mezzotint
