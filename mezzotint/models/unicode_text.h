#pragma once

#include <string>
#include <string_view>

namespace mezzotint {

/// The characters of a UTF-8 text. Bytes that are not UTF-8 become U+FFFD as in Python's
/// `bytes.decode(errors="replace")`: one for every longest part that could begin a character. Pairs
/// of surrogates, each written as three bytes, become the character that they stand for.
std::u32string decode_utf8(std::string_view text);

/// @param text no surrogates, nothing above U+10FFFF.
std::string encode_utf8(std::u32string_view text);

/// Normalization form C: The Unicode Standard, section 3.11. Its time is linear in the length, but
/// for sorting runs of combining marks.
std::u32string to_nfc(std::u32string_view text);

/// Appends the compatibility decomposition of one character.
void append_nfkd(std::u32string& text, char32_t character);

/// Every character in lower case by itself, as Rust's `char::to_lowercase` has it: a capital sigma
/// becomes U+03C3 everywhere.
std::u32string to_lower_each(std::u32string_view text);

/// Python's `str.lower()`: a capital sigma that ends a word becomes U+03C2.
std::u32string to_lower(std::u32string_view text);

/// Python's `str.isspace()` of one character.
bool is_python_space(char32_t character);

/// The property White_Space: Python's, without U+001C to U+001F.
bool is_white_space(char32_t character);

/// Without what is_python_space() at both ends: Python's `str.strip()`.
std::u32string_view strip(std::u32string_view text);

}  // namespace mezzotint
