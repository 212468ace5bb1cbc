#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mezzotint {

/// "12", "-3" -> the number; nothing for any other text, spaces and a sign + included, and for a
/// number that Integer doesn't hold.
template <class Integer = int64_t>
std::optional<Integer> whole_number(std::string_view text) {
  Integer value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace mezzotint
