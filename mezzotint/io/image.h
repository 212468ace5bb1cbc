#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mezzotint {

/// Pixels of eight bits, interleaved, rows from the top: 1 grey, 2 grey+alpha, 3 RGB, 4 RGBA.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<uint8_t> pixels;              ///< height * width * channels
  std::map<std::string, std::string> text;  ///< PNG tEXt/zTXt/iTXt chunks: keyword -> UTF-8 text
  std::string stored_as;  ///< how the file held it, for people: "PNG palette", "JPEG CMYK", ...
};

/// No picture may have more pixels than this: where PIL calls a picture a decompression bomb.
inline constexpr int64_t kMaxPixels = 178'956'970;

/// Decodes PNG, JPEG or WebP by content, not by name; EXIF orientation is applied; of 16-bit
/// samples the high byte is kept (as PIL does), palettes and CMYK become RGB, transparency becomes
/// an alpha channel; of an animation the first frame is taken. Header sizes are checked against
/// kMaxPixels before anything is allocated. Colour profiles and gamma are not applied. A file that
/// ends early, or whose compressed data is corrupt, is an error, never half a picture.
/// @throws Error naming the file and what is wrong.
Image read_image(const std::filesystem::path& path);
/// @param name stands for the file in messages.
Image decode_image(std::string_view bytes, const std::string& name);

/// PNG with its text chunks (iTXt where the text isn't Latin-1).
/// @throws Error when the pixels don't fit the sizes, or a text keyword isn't 1 to 79 Latin-1
/// characters.
std::string encode_png(const Image& image);
/// Replaces the file in one step. @throws Error naming the file.
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace mezzotint
