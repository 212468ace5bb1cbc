#pragma once

#include <string>
#include <string_view>

namespace mezzotint {

/// Python's `html.unescape`: character references by the rules of HTML 5, names without a semicolon
/// and wrong numbers included. A number beyond U+10FFFF, however long, is U+FFFD.
/// https://html.spec.whatwg.org/multipage/parsing.html#character-reference-state
std::u32string unescape_html(std::u32string_view text);

/// ftfy's more careful `unescape_html`: only references that end in a semicolon; and those named in
/// small letters also in capitals, which stand for the capital letter: `&EACUTE;`.
std::u32string unescape_html_carefully(std::u32string_view text);

/// What Windows-1252 has at 0x80 to 0x9F, where Latin-1 has control characters. Five of them stand
/// for themselves. @param character 0x80 to 0x9F.
char32_t windows_1252(char32_t character);

/// The 2125 names of HTML 5's character references, apart by white space: `AElig,C6` is U+00C6 also
/// without a semicolon, `Abreve;102` U+0102 with one only, `acE;223E+333` two characters.
extern const char* const kHtmlEntityNames;

}  // namespace mezzotint
