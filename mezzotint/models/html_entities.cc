#include "mezzotint/models/html_entities.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <utf8proc.h>

namespace mezzotint {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr size_t kLongestName = 32;         // of a reference in Python's html.unescape
constexpr size_t kLongestCarefulName = 24;  // in ftfy's unescape_html

struct Named {
  std::u32string characters;
  bool needs_semicolon;
};
using Names = std::unordered_map<std::u32string, Named>;

Names read_names() {
  Names names;
  std::istringstream entries(kHtmlEntityNames);
  for (std::string entry; entries >> entry;) {
    const size_t mark = entry.find_first_of(";,");
    std::u32string characters;
    std::istringstream codes(entry.substr(mark + 1));
    for (std::string code; std::getline(codes, code, '+');)
      characters += static_cast<char32_t>(std::stoul(code, nullptr, 16));
    names[{entry.begin(), entry.begin() + static_cast<std::ptrdiff_t>(mark)}] = {
        characters, entry[mark] == ';'};
  }
  return names;
}

const Names& html_names() {
  static const Names kNames = read_names();
  return kNames;
}

/// The longest beginning of `text`, of two characters or more, that is a name which may stand
/// without a semicolon; null where there is none.
const Names::value_type* longest_bare_name(std::u32string_view text) {
  for (size_t length = text.size(); length >= 2; --length) {
    const auto found = html_names().find(std::u32string(text.substr(0, length)));
    if (found != html_names().end() && !found->second.needs_semicolon) return &*found;
  }
  return nullptr;
}

bool is_capital(char32_t c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_letter(char32_t c) { return is_capital(c) || (c >= 'a' && c <= 'z'); }
bool is_hex_digit(char32_t c) {
  return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/// Python's `str.upper()` of what small names stand for.
std::u32string to_upper(std::u32string_view text) {
  std::u32string upper;
  for (const char32_t c : text) {
    switch (c) {
      case U'ß':
        upper += U"SS";
        break;
      case U'ŉ':
        upper += U"ʼN";
        break;
      case U'ﬀ':
        upper += U"FF";
        break;
      case U'ﬁ':
        upper += U"FI";
        break;
      case U'ﬂ':
        upper += U"FL";
        break;
      case U'ﬃ':
        upper += U"FFI";
        break;
      case U'ﬄ':
        upper += U"FFL";
        break;
      default:
        upper += static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c)));
    }
  }
  return upper;
}

/// Names in capitals that HTML doesn't know and ftfy does.
std::unordered_map<std::u32string, std::u32string> read_capital_names() {
  std::unordered_map<std::u32string, std::u32string> capitals;
  for (const auto& [name, named] : html_names()) {
    if (std::ranges::any_of(name, is_capital)) continue;
    const std::u32string capital = to_upper(name);
    if (!html_names().contains(capital) && longest_bare_name(capital) == nullptr)
      capitals[capital] = to_upper(named.characters);
  }
  return capitals;
}

constexpr char32_t kWindows1252[] = {0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                                     0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,   0x17D,  0x8F,
                                     0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                     0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};

/// Control characters and noncharacters: references to them are dropped.
bool is_dropped(char32_t c) {
  return (c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F ||
         (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFEU) == 0xFFFE;
}

std::u32string numbered(uint64_t number) {
  if (number == 0 || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF))
    return {kReplacement};
  const auto c = static_cast<char32_t>(number);
  if (c >= 0x80 && c <= 0x9F) return {windows_1252(c)};
  return is_dropped(c) ? std::u32string() : std::u32string{c};
}

/// A reference at the start of a text, behind its '&'.
struct Reference {
  std::u32string replacement;
  size_t length;  ///< characters of the text that it takes, without the '&'
};

std::optional<Reference> read_number(std::u32string_view text) {
  const bool hex = text.size() > 1 && (text[1] == 'x' || text[1] == 'X');
  const size_t first = hex ? 2 : 1;
  uint64_t number = 0;
  size_t at = first;
  for (; at < text.size() && (hex ? is_hex_digit(text[at]) : is_digit(text[at])); ++at) {
    const uint32_t digit = is_digit(text[at]) ? text[at] - '0' : (text[at] | 0x20U) - 'a' + 10;
    number = std::min<uint64_t>(number * (hex ? 16 : 10) + digit, 0x110000);
  }
  if (at == first) return {};
  if (at < text.size() && text[at] == ';') ++at;
  return Reference{numbered(number), at};
}

std::optional<Reference> read_name(std::u32string_view text) {
  constexpr std::u32string_view kEnds = U"\t\n\f <&#;";
  const std::u32string_view name =
      text.substr(0, std::min(text.find_first_of(kEnds), kLongestName));
  if (name.size() < text.size() && text[name.size()] == ';') {
    const auto found = html_names().find(std::u32string(name));
    if (found != html_names().end()) return Reference{found->second.characters, name.size() + 1};
  }
  if (const Names::value_type* bare = longest_bare_name(name))
    return Reference{bare->second.characters, bare->first.size()};
  return {};
}

std::optional<Reference> read_reference(std::u32string_view text) {
  if (text.empty()) return {};
  return text[0] == '#' ? read_number(text) : read_name(text);
}

std::optional<Reference> read_reference_carefully(std::u32string_view text) {
  static const auto kCapitalNames = read_capital_names();
  const bool numeric = !text.empty() && text[0] == '#';
  size_t end = numeric ? 1 : 0;
  const size_t most = end + kLongestCarefulName;
  while (end < text.size() && end < most && (is_letter(text[end]) || is_digit(text[end]))) ++end;
  if (end == (numeric ? 1 : 0) || end == text.size() || text[end] != ';') return {};
  if (numeric) {
    std::optional<Reference> reference = read_number(text);
    // A semicolon that is left, or written by the reference, keeps it as it is.
    if (!reference || reference->length != end + 1 || reference->replacement == U";") return {};
    return reference;
  }
  const std::u32string name(text.substr(0, end));
  if (const auto found = html_names().find(name); found != html_names().end())
    return Reference{found->second.characters, end + 1};
  if (const auto found = kCapitalNames.find(name); found != kCapitalNames.end())
    return Reference{found->second, end + 1};
  return {};
}

template <class Read>
std::u32string replace_references(std::u32string_view text, const Read& read) {
  std::u32string replaced;
  replaced.reserve(text.size());
  while (!text.empty()) {
    const size_t ampersand = std::min(text.find('&'), text.size());
    replaced += text.substr(0, ampersand);
    text.remove_prefix(ampersand);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (const std::optional<Reference> reference = read(text)) {
      replaced += reference->replacement;
      text.remove_prefix(reference->length);
    } else {
      replaced += '&';
    }
  }
  return replaced;
}

}  // namespace

char32_t windows_1252(char32_t character) { return kWindows1252[character - 0x80]; }

std::u32string unescape_html(std::u32string_view text) {
  return replace_references(text, read_reference);
}

std::u32string unescape_html_carefully(std::u32string_view text) {
  return replace_references(text, read_reference_carefully);
}

}  // namespace mezzotint
