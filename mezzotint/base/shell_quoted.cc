#include "mezzotint/base/shell_quoted.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace mezzotint {

std::string shell_quoted(const std::string& word) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("-_./=:,@%+").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, plain)) return word;
  std::string inner = "'";
  for (const char c : word) inner += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return inner + "'";
}

}  // namespace mezzotint
