#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mezzotint/models/byte_pair_encoding.h"

namespace mezzotint {

/// A vocabulary in CLIP's form for the words of some texts: 256 bytes, 256 that end a word, what
/// the most frequent pairs join to, one after another, and `<|startoftext|>` and `<|endoftext|>`
/// last (Sennrich et al. 2016, arXiv:1508.07909, algorithm 1). Texts are cleaned and split as
/// transformers' CLIPTokenizer does. Of pairs that are as frequent the one whose symbols sort first
/// is joined.
/// @param size of the vocabulary, at least 514; smaller where no pair comes twice any more.
ClipVocabulary learn_byte_pairs(const std::vector<std::string>& texts, int64_t size);

}  // namespace mezzotint
