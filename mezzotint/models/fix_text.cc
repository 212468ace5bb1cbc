#include "mezzotint/models/fix_text.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <utf8proc.h>

#include "mezzotint/models/html_entities.h"
#include "mezzotint/models/unicode_text.h"

namespace mezzotint {
namespace {

constexpr int kMostRounds = 64;
constexpr size_t kLongestSegment = 1'000'000;  // characters
constexpr char32_t kEscape = 0x1B;

/// Latin and Dutch, Afrikaans and Croatian characters that are two or three letters; empty for all
/// others.
std::u32string_view split_ligature(char32_t c) {
  switch (c) {
    case U'Ĳ':
      return U"IJ";
    case U'ĳ':
      return U"ij";
    case U'ŉ':
      return U"ʼn";
    case U'Ǳ':
      return U"DZ";
    case U'ǲ':
      return U"Dz";
    case U'ǳ':
      return U"dz";
    case U'Ǆ':
      return U"DŽ";
    case U'ǅ':
      return U"Dž";
    case U'ǆ':
      return U"dž";
    case U'Ǉ':
      return U"LJ";
    case U'ǈ':
      return U"Lj";
    case U'ǉ':
      return U"lj";
    case U'Ǌ':
      return U"NJ";
    case U'ǋ':
      return U"Nj";
    case U'ǌ':
      return U"nj";
    case U'ﬀ':
      return U"ff";
    case U'ﬁ':
      return U"fi";
    case U'ﬂ':
      return U"fl";
    case U'ﬃ':
      return U"ffi";
    case U'ﬄ':
      return U"ffl";
    case U'ﬅ':
      return U"ſt";
    case U'ﬆ':
      return U"st";
    default:
      return {};
  }
}

bool is_removed_control(char32_t c) {
  return c < 0x9 || c == 0xB || (c >= 0xE && c < 0x20) || c == 0x7F ||
         (c >= 0x206A && c < 0x2070) || c == 0xFEFF || (c >= 0xFFF9 && c < 0xFFFD);
}

/// Appends what stands for the character in fixed text.
void append_fixed(std::u32string& fixed, char32_t c) {
  if (c >= 0x80 && c < 0xA0) c = windows_1252(c);
  if (const std::u32string_view letters = split_ligature(c); !letters.empty()) {
    // The apostrophe of U+0149 is one of those that are straightened.
    for (const char32_t letter : letters) fixed += letter == 0x2BC ? U'\'' : letter;
  } else if (c == 0x3000) {
    fixed += ' ';
  } else if (c >= 0xFF01 && c < 0xFFF0) {
    append_nfkd(fixed, c);
  } else if (c == 0x2BC || (c >= 0x2018 && c <= 0x201B)) {
    fixed += '\'';
  } else if (c >= 0x201C && c <= 0x201F) {
    fixed += '"';
  } else if (c == '\r' || c == 0x2028 || c == 0x2029) {
    fixed += '\n';
  } else {
    fixed += c;
  }
}

bool is_decimal_digit(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_ND;
}

/// Characters of the terminal escape at the start of the text: ESC [ 1;31 m, and the like; 0 where
/// there is none.
size_t escape_length(std::u32string_view text) {
  if (text.size() < 3 || text[0] != kEscape || text[1] != '[') return 0;
  size_t at = 2;
  while (at < text.size() && (text[at] == ';' || is_decimal_digit(text[at]))) ++at;
  if (at == text.size()) return 0;
  const char32_t letter = text[at] | 0x20U;
  return letter >= 'a' && letter <= 'z' ? at + 1 : 0;
}

/// One round of every fix but that of character references.
std::u32string fix_characters(std::u32string_view text) {
  std::u32string fixed;
  fixed.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const bool windows_break = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (!windows_break) append_fixed(fixed, text[i]);
  }
  std::u32string kept;
  kept.reserve(fixed.size());
  for (std::u32string_view rest = fixed; !rest.empty();) {
    const size_t escape = escape_length(rest);
    if (escape == 0 && !is_removed_control(rest[0])) kept += rest[0];
    rest.remove_prefix(std::max<size_t>(escape, 1));
  }
  return to_nfc(kept);
}

std::u32string fix_segment(std::u32string_view text, bool unescape) {
  std::u32string fixed(text);
  for (int round = 0; round < kMostRounds; ++round) {
    std::u32string next = fix_characters(unescape ? unescape_html_carefully(fixed) : fixed);
    if (next == fixed) break;
    fixed = std::move(next);
  }
  return fixed;
}

}  // namespace

std::u32string fix_text(std::u32string_view text) {
  std::u32string fixed;
  bool unescape = true;
  while (!text.empty()) {
    const size_t line = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::u32string_view segment = text.substr(0, std::min(line, kLongestSegment));
    unescape = unescape && segment.find('<') == std::u32string_view::npos;
    fixed += fix_segment(segment, unescape);
    text.remove_prefix(segment.size());
  }
  return fixed;
}

}  // namespace mezzotint
