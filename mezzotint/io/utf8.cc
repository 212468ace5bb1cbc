#include "mezzotint/io/utf8.h"

#include <algorithm>

namespace mezzotint {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

/// Length that a first byte announces, and the bits of the character that it holds; 0 where none
/// may start so.
struct Lead {
  size_t length;
  uint32_t bits;
  uint32_t smallest;  ///< a character below this has a shorter form
};

Lead read_lead(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return {2, byte & 0x1FU, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return {3, byte & 0x0FU, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return {4, byte & 0x07U, 0x10000};
  return {0, 0, 0};
}

}  // namespace

Utf8Character first_utf8_character(std::string_view text) {
  if (text.empty()) return {};
  const Lead lead = read_lead(static_cast<unsigned char>(text[0]));
  if (lead.length == 0 || lead.length > text.size()) return {};
  uint32_t code_point = lead.bits;
  for (size_t i = 1; i < lead.length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return {};
    code_point = code_point << 6U | (byte & 0x3FU);
  }
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < lead.smallest || code_point > 0x10FFFF || surrogate) return {};
  return {code_point, lead.length};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = first_utf8_character(text).length;
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_utf8(std::string& text, uint32_t code_point) {
  const auto tail = [&](unsigned shift) {
    text += static_cast<char>(0x80U | (code_point >> shift & 0x3FU));
  };
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += static_cast<char>(0xC0U | code_point >> 6U);
    tail(0);
  } else if (code_point < 0x10000) {
    text += static_cast<char>(0xE0U | code_point >> 12U);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0U | code_point >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string in_quotes(std::string_view text, size_t limit) {
  std::string line = "'";
  while (!text.empty()) {
    if (line.size() > limit) return line + "...'";
    const Utf8Character character = first_utf8_character(text);
    const size_t length = std::max<size_t>(character.length, 1);
    const bool control = character.code_point < 0x20 ||
                         (character.code_point >= 0x7F && character.code_point < 0xA0);
    if (character.length == 0 || control) {
      for (const char c : text.substr(0, length)) {
        const auto byte = static_cast<unsigned char>(c);
        line += {'\\', 'x', kHexDigits[byte >> 4U], kHexDigits[byte & 15U]};
      }
    } else {
      line += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return line + "'";
}

}  // namespace mezzotint
