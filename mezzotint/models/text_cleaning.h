#pragma once

#include <string>
#include <string_view>

namespace mezzotint {

/// Text as open_clip's tokenizer (3.3) cleans it, `_clean_lower` of tokenizer.py: fix_text(),
/// character references twice, white space as single spaces, lower case. UTF-8 comes out, whatever
/// comes in (decode_utf8()).
std::string clean_like_open_clip(std::string_view text);

/// Text as the normalizer of transformers' CLIPTokenizer (5.24) has it: normalization form C, runs
/// of white space as single spaces, lower case. UTF-8 comes out, whatever comes in.
std::string clean_like_transformers(std::string_view text);

}  // namespace mezzotint
