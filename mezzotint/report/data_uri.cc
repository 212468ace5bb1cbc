#include "mezzotint/report/data_uri.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mezzotint/base/error.h"

namespace mezzotint {

std::string base64(const std::string& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (size_t k = 0; k < 4; ++k) out += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

static std::string_view media_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n")) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with("RIFF") && bytes.substr(8).starts_with("WEBP")) return "image/webp";
  const std::string_view head = bytes.substr(0, 1000);
  if (head.starts_with("<svg") ||
      (head.starts_with("<?xml") && head.find("<svg") != std::string_view::npos))
    return "image/svg+xml";
  return "";
}

std::string picture_uri(const std::string& bytes, const std::string& name) {
  const std::string_view type = bytes.size() < 12 ? "" : media_type(bytes);
  if (type.empty()) fail(name, ": not a PNG, JPEG, WebP or SVG picture");
  return concat("data:", type, ";base64,", base64(bytes));
}

}  // namespace mezzotint
