#pragma once

#include <string>

namespace mezzotint {

/// Whether a shell's pattern is the whole text: * stands for anything, dots and slashes included, ?
/// for one character, [ab] for one of some.
bool matches_wildcard(const std::string& pattern, const std::string& text);

}  // namespace mezzotint
