#include "mezzotint/models/text_pattern.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "mezzotint/base/error.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace mezzotint {
namespace {

std::string message_of(int code) {
  std::string text(256, '\0');
  const int length =
      pcre2_get_error_message(code, reinterpret_cast<PCRE2_UCHAR*>(text.data()), 256);
  text.resize(length < 0 ? 0 : length);
  return text;
}

}  // namespace

TextPattern::TextPattern(const std::string& pattern, Case letter_case) {
  const uint32_t options =
      PCRE2_UTF | PCRE2_UCP | (letter_case == Case::kIgnored ? PCRE2_CASELESS : 0);
  int error = 0;
  PCRE2_SIZE at = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                   options, &error, &at, nullptr);
  MEZZO_CHECK(code != nullptr, "regular expression: character ", at, ": ", message_of(error));
  code_ = std::shared_ptr<const pcre2_code>(
      code, [](const pcre2_code* c) { pcre2_code_free(const_cast<pcre2_code*>(c)); });
}

void TextPattern::each_match(std::string_view text,
                             const std::function<bool(size_t, size_t)>& visit) const {
  const auto* code = static_cast<const pcre2_code*>(code_.get());
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
      pcre2_match_data_create_from_pattern(code, nullptr), &pcre2_match_data_free);
  if (!match) throw std::bad_alloc();
  size_t from = 0;
  while (from < text.size()) {
    const int found = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                  from, PCRE2_NO_UTF_CHECK, match.get(), nullptr);
    if (found == PCRE2_ERROR_NOMATCH) return;
    MEZZO_CHECK(found >= 0, "regular expression: ", message_of(found));
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(match.get());
    if (ends[1] <= from || !visit(ends[0], ends[1])) return;
    from = ends[1];
  }
}

}  // namespace mezzotint
