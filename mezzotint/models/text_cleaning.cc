#include "mezzotint/models/text_cleaning.h"

#include <string>
#include <string_view>

#include "mezzotint/models/fix_text.h"
#include "mezzotint/models/html_entities.h"
#include "mezzotint/models/unicode_text.h"

namespace mezzotint {
namespace {

/// Runs of white space as one space each.
std::u32string collapse_spaces(std::u32string_view text, bool (*is_space)(char32_t)) {
  std::u32string collapsed;
  collapsed.reserve(text.size());
  bool after_space = false;
  for (const char32_t c : text) {
    const bool space = is_space(c);
    if (!space)
      collapsed += c;
    else if (!after_space)
      collapsed += ' ';
    after_space = space;
  }
  return collapsed;
}

}  // namespace

std::string clean_like_open_clip(std::string_view text) {
  const std::u32string plain = unescape_html(unescape_html(fix_text(decode_utf8(text))));
  return encode_utf8(to_lower(strip(collapse_spaces(plain, is_python_space))));
}

std::string clean_like_transformers(std::string_view text) {
  const std::u32string normal = to_nfc(decode_utf8(text));
  return encode_utf8(to_lower_each(collapse_spaces(normal, is_white_space)));
}

}  // namespace mezzotint
