#pragma once

#include <string>
#include <string_view>

namespace mezzotint {

/// What ftfy 6.3's `fix_text` makes of a text, line by line and until nothing changes any more:
/// character references (not from the first line on that has a '<'), control characters of Latin-1
/// as Windows-1252 means them, ligatures, full and half width, curly quotes, line breaks, terminal
/// escapes, control characters, normalization form C. Its repair of texts that were decoded with
/// the wrong encoding (`fix_encoding`) is left out.
///
/// A text whose references are nested more than 64 deep keeps the rest of them, where ftfy
/// goes on in quadratic time.
std::u32string fix_text(std::u32string_view text);

}  // namespace mezzotint
