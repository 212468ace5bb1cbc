#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mezzotint {

/// A regular expression over UTF-8, with Unicode's properties: PCRE2. One object can be used from
/// several threads at once.
class TextPattern {
 public:
  enum class Case { kMatters, kIgnored };

  /// @throws Error that names the place of what is wrong in the pattern.
  explicit TextPattern(const std::string& pattern, Case letter_case = Case::kMatters);

  /// Calls `visit(begin, end)`, offsets in bytes, for every match from left to right, until it
  /// returns false. A match must not be empty. @param text valid UTF-8; NUL is a character.
  /// @throws Error when PCRE2 gives up.
  void each_match(std::string_view text, const std::function<bool(size_t, size_t)>& visit) const;

 private:
  std::shared_ptr<const void> code_;
};

}  // namespace mezzotint
