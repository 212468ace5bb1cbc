#include <array>
#include <utility>

#include "mezzotint/io/image_codecs.h"

namespace mezzotint::image_codecs {
namespace {

/// Reads numbers of either byte order out of a TIFF block; out of range reads give 0.
struct TiffReader {
  std::span<const uint8_t> data;
  bool big_endian;

  uint32_t number(size_t offset, size_t bytes) const {
    if (offset > data.size() || bytes > data.size() - offset) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; ++i)
      value = value << 8 | data[offset + (big_endian ? i : bytes - 1 - i)];
    return value;
  }
};

}  // namespace

int exif_orientation(std::span<const uint8_t> tiff) {
  constexpr uint32_t kOrientationTag = 0x0112, kShort = 3;
  if (tiff.size() < 8 || tiff[0] != tiff[1] || (tiff[0] != 'I' && tiff[0] != 'M')) return 1;
  const TiffReader reader{tiff, tiff[0] == 'M'};
  if (reader.number(2, 2) != 42) return 1;
  const size_t directory = reader.number(4, 4);
  const size_t entries = reader.number(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + 12 * i;
    if (reader.number(entry, 2) != kOrientationTag) continue;
    const uint32_t value = reader.number(entry + 8, 2);
    return reader.number(entry + 2, 2) == kShort && value >= 1 && value <= 8
               ? static_cast<int>(value)
               : 1;
  }
  return 1;
}

void apply_orientation(Image& image, int orientation) {
  if (orientation <= 1 || orientation > 8) return;
  // Where the upright pixel (x, y) lies in the stored picture: transposed from 5 on, then mirrored
  // by axis.
  const bool transposed = orientation >= 5;
  const bool mirror_x =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool mirror_y =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const int width = transposed ? image.height : image.width;
  const int height = transposed ? image.width : image.height;
  std::vector<uint8_t> upright(image.pixels.size());
  uint8_t* out = upright.data();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      int from_x = transposed ? y : x, from_y = transposed ? x : y;
      if (mirror_x) from_x = image.width - 1 - from_x;
      if (mirror_y) from_y = image.height - 1 - from_y;
      const uint8_t* in =
          &image.pixels[(static_cast<size_t>(from_y) * image.width + from_x) * image.channels];
      for (int c = 0; c < image.channels; ++c) *out++ = in[c];
    }
  }
  image.width = width;
  image.height = height;
  image.pixels = std::move(upright);
}

}  // namespace mezzotint::image_codecs
