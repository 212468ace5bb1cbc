#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mezzotint {

/// One character of a UTF-8 text.
struct Utf8Character {
  uint32_t code_point = 0;
  size_t length = 0;  ///< bytes, 1 to 4; 0 when the bytes are not UTF-8 (or the text is empty)
};

/// The character at the start of `text`. Overlong forms, surrogates and what is above U+10FFFF are
/// no UTF-8: The Unicode Standard, table 3-7.
Utf8Character first_utf8_character(std::string_view text);

bool is_utf8(std::string_view text);

/// Appends the character's UTF-8 bytes. @param code_point at most 0x10FFFF.
void append_utf8(std::string& text, uint32_t code_point);

/// `'text'` for an error message: one line whatever the text holds (control characters and bytes
/// that are not UTF-8 become \xNN), cut after `limit` bytes.
std::string in_quotes(std::string_view text, size_t limit = 120);

}  // namespace mezzotint
