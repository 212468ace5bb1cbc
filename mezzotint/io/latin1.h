#pragma once

#include <string>
#include <string_view>

namespace mezzotint {

/// ISO 8859-1, as PNG's tEXt chunks hold it, as UTF-8.
std::string latin1_to_utf8(std::string_view latin1);

/// UTF-8 as ISO 8859-1. @returns false, leaving `latin1` unspecified, when a character isn't in it
/// (or isn't UTF-8).
bool utf8_to_latin1(std::string_view utf8, std::string& latin1);

}  // namespace mezzotint
