#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mezzotint {

/// Number of single-character insertions, deletions, replacements and swaps of neighbours between
/// two words.
size_t edit_distance(std::string_view a, std::string_view b);

/// ", did you mean 'x'?" for the nearest candidate that is plausibly meant, else "". Case doesn't
/// count.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// "a, b, c".
std::string joined(const std::vector<std::string>& words, std::string_view separator = ", ");

}  // namespace mezzotint
