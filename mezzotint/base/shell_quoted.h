#pragma once

#include <string>

namespace mezzotint {

/// A word as it can be pasted into a shell: in single quotes, unless every character is a plain
/// one.
std::string shell_quoted(const std::string& word);

}  // namespace mezzotint
