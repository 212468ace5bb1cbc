#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "mezzotint/models/byte_pair_encoding.h"

namespace mezzotint {

/// transformers' vocab.json (an object from token to id) and the text of its merges.txt.
/// @throws Error naming the token, or the line, that is wrong: an id that is no whole number from 0
///         to 2^31 - 1 or that two tokens have, a line that is not two symbols and a space.
ClipVocabulary read_vocab_and_merges(const nlohmann::json& vocab, std::string_view merges);

/// transformers' tokenizer.json. As CLIPTokenizer does, takes its vocabulary and merges, and the
/// ids of its added tokens, and nothing else: cleaning and splitting are CLIP's.
/// @throws Error as above, or when its model is not byte pair encoding with `</w>`.
ClipVocabulary read_tokenizer_json(const nlohmann::json& json);

/// The unpacked text of OpenAI's bpe_simple_vocab_16e6.txt: a line to skip, then a merge a line, of
/// which 48894 count. Ids as open_clip's SimpleTokenizer gives them: 256 bytes, 256 bytes that end
/// a word, what each line joins (an empty line too takes an id), `<start_of_text>` and
/// `<end_of_text>`. Of a token made twice the later id counts.
/// @throws Error naming the line that is neither empty nor two symbols.
ClipVocabulary read_open_clip_merges(std::string_view text);

}  // namespace mezzotint
