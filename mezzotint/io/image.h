#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mezzotint {

/// Pixels of eight bits, interleaved, rows from the top: 1 grey, 2 grey+alpha, 3 RGB, 4 RGBA.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<uint8_t> pixels;               ///< height * width * channels
  std::map<std::string, std::string> text;  ///< PNG tEXt/iTXt chunks: keyword -> UTF-8 text
};

/// Decodes PNG, JPEG or WebP by content, not by name; EXIF orientation is applied; 16-bit samples become 8-bit,
/// palettes and CMYK become RGB. Header sizes are checked before anything is allocated.
/// @throws Error naming the file and what is wrong.
Image read_image(const std::filesystem::path& path);
Image decode_image(const std::string& bytes, const std::string& name);

/// PNG with its text chunks (iTXt where the text isn't Latin-1).
std::string encode_png(const Image& image);
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace mezzotint
