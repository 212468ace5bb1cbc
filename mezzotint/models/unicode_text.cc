#include "mezzotint/models/unicode_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <utf8proc.h>

#include "mezzotint/models/text_pattern.h"

namespace mezzotint {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kCapitalSigma = 0x3A3;
constexpr std::string_view kFinalSigma = "\xCF\x82";

struct Decoded {
  char32_t character;
  size_t length;  ///< bytes read, at least 1
};

/// What the second byte must lie between after this first one: The Unicode Standard, table 3-7.
/// Surrogates are let through; decode_utf8() looks at them.
std::pair<unsigned, unsigned> second_byte_range(unsigned lead) {
  if (lead == 0xE0) return {0xA0, 0xBF};
  if (lead == 0xF0) return {0x90, 0xBF};
  if (lead == 0xF4) return {0x80, 0x8F};
  return {0x80, 0xBF};
}

Decoded decode_first(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned>(static_cast<uint8_t>(text[i])); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {static_cast<char32_t>(lead), 1};
  if (lead < 0xC2 || lead > 0xF4) return {kReplacement, 1};
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t character = lead & (0x7FU >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto [least, most] =
        i == 1 ? second_byte_range(lead) : std::pair<unsigned, unsigned>(0x80, 0xBF);
    if (i == text.size() || byte(i) < least || byte(i) > most) return {kReplacement, i};
    character = character << 6U | (byte(i) & 0x3FU);
  }
  return {character, length};
}

bool is_high_surrogate(char32_t c) { return c >= 0xD800 && c < 0xDC00; }
bool is_low_surrogate(char32_t c) { return c >= 0xDC00 && c < 0xE000; }

/// Sorts every run of marks by combining class, equal ones in their order: rule D109.
void sort_marks(std::vector<utf8proc_int32_t>& characters) {
  const auto rank = [](utf8proc_int32_t c) { return utf8proc_get_property(c)->combining_class; };
  const auto is_starter = [&](utf8proc_int32_t c) { return rank(c) == 0; };
  for (auto at = characters.begin(); at != characters.end();) {
    at = std::find_if_not(at, characters.end(), is_starter);
    const auto end = std::find_if(at, characters.end(), is_starter);
    std::stable_sort(at, end, [&](auto a, auto b) { return rank(a) < rank(b); });
    at = end;
  }
}

/// Appends what the character is made of: 18 characters at most, U+FDFA's.
template <class Characters>
void append_decomposition(Characters& characters, char32_t character, unsigned option) {
  std::array<utf8proc_int32_t, 32> parts;
  const utf8proc_ssize_t count =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(character), parts.data(), parts.size(),
                              static_cast<utf8proc_option_t>(UTF8PROC_STABLE | option), nullptr);
  if (count < 1 || count > static_cast<utf8proc_ssize_t>(parts.size()))
    characters.push_back(static_cast<typename Characters::value_type>(character));
  else
    characters.insert(characters.end(), parts.begin(), parts.begin() + count);
}

}  // namespace

std::u32string decode_utf8(std::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  while (!text.empty()) {
    Decoded first = decode_first(text);
    if (is_high_surrogate(first.character) && text.size() > 3) {
      const Decoded second = decode_first(text.substr(3));
      if (is_low_surrogate(second.character))
        first = {0x10000 + ((first.character - 0xD800) << 10U) + (second.character - 0xDC00), 6};
    }
    if (first.character >= 0xD800 && first.character < 0xE000) first = {kReplacement, 1};
    characters += first.character;
    text.remove_prefix(first.length);
  }
  return characters;
}

std::string encode_utf8(std::u32string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (const char32_t c : text) {
    std::array<utf8proc_uint8_t, 4> buffer;
    const utf8proc_ssize_t length =
        utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), buffer.data());
    bytes.append(buffer.begin(), buffer.begin() + length);
  }
  return bytes;
}

std::u32string to_nfc(std::u32string_view text) {
  // Below U+0300 nothing combines, and nothing is decomposed that wouldn't be composed again.
  if (std::ranges::all_of(text, [](char32_t c) { return c < 0x300; })) return std::u32string(text);
  std::vector<utf8proc_int32_t> characters;
  characters.reserve(text.size());
  for (const char32_t c : text) append_decomposition(characters, c, UTF8PROC_DECOMPOSE);
  sort_marks(characters);
  const utf8proc_ssize_t length =
      utf8proc_normalize_utf32(characters.data(), static_cast<utf8proc_ssize_t>(characters.size()),
                               static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  return {characters.begin(), characters.begin() + length};
}

void append_nfkd(std::u32string& text, char32_t character) {
  append_decomposition(text, character, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
}

std::u32string to_lower_each(std::u32string_view text) {
  std::u32string lower;
  lower.reserve(text.size());
  for (const char32_t c : text) {
    if (c == 0x130)  // the only one that has two characters in lower case
      lower += U"i\u0307";
    else
      lower += static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
  }
  return lower;
}

std::u32string to_lower(std::u32string_view text) {
  if (text.find(kCapitalSigma) == std::u32string_view::npos) return to_lower_each(text);
  // Final_Sigma, The Unicode Standard, table 3-17: after a cased letter and before none.
  static const TextPattern kFinal(
      R"((?=\p{Cased})\P{Case_Ignorable}\p{Case_Ignorable}*+\K\x{3A3}(?!\p{Case_Ignorable}*+\p{Cased}))");
  const std::string bytes = encode_utf8(text);
  std::string replaced;
  size_t done = 0;
  kFinal.each_match(bytes, [&](size_t begin, size_t end) {
    replaced.append(bytes, done, begin - done).append(kFinalSigma);
    done = end;
    return true;
  });
  replaced.append(bytes, done);
  return to_lower_each(decode_utf8(replaced));
}

bool is_white_space(char32_t c) {
  return (c >= 0x9 && c <= 0xD) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_python_space(char32_t c) { return is_white_space(c) || (c >= 0x1C && c <= 0x1F); }

std::u32string_view strip(std::u32string_view text) {
  while (!text.empty() && is_python_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_python_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace mezzotint
