#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "mezzotint/io/image.h"

// What the decoders of io/image.cc share; not for other modules.
namespace mezzotint::image_codecs {

/// Each decodes a whole file of its format. @throws Error that starts with `name`.
Image decode_png(std::string_view bytes, const std::string& name);
Image decode_jpeg(std::string_view bytes, const std::string& name);
Image decode_webp(std::string_view bytes, const std::string& name);

/// @throws Error unless both sides are positive and the area is within kMaxPixels.
void check_size(int64_t width, int64_t height, const std::string& name);

/// The orientation (1 to 8) that an EXIF block (TIFF header onwards) asks for; 1 when there is none
/// or it is damaged. EXIF 2.32, tag 0x0112.
int exif_orientation(std::span<const uint8_t> tiff);

/// Turns and mirrors the pixels so that they stand upright, as PIL's ImageOps.exif_transpose does.
void apply_orientation(Image& image, int orientation);

inline std::span<const uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace mezzotint::image_codecs
