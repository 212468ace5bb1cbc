#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace mezzotint::cli {

/// "12", "-3" -> the number; nothing for any other text, spaces and a sign + included.
inline std::optional<int64_t> whole_number(const std::string& text) {
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace mezzotint::cli
