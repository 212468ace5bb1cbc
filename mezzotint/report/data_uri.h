#pragma once

#include <string>

namespace mezzotint {

/// RFC 4648, section 4, with padding.
std::string base64(const std::string& bytes);

/// "data:image/png;base64,...": a picture as an address that needs no file. The kind (PNG, JPEG,
/// WebP, SVG) is read off its first bytes. @throws Error when it is none of these; `name` is what
/// the message calls it.
std::string picture_uri(const std::string& bytes, const std::string& name);

}  // namespace mezzotint
