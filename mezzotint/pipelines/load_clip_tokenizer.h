#pragma once

#include "mezzotint/models/clip_tokenizer.h"
#include "mezzotint/pipelines/clip.h"

namespace mezzotint {

/// The tokenizer of a loaded CLIP, of the model's context length: from the files that lie with it;
/// where there are none (OpenAI's and open_clip's files bring none), from
/// bpe_simple_vocab_16e6.txt(.gz), OpenAI's vocabulary, in the model's folder.
/// @throws Error naming the file that is wrong; saying where to get a vocabulary when there is
/// none; and when the vocabulary is larger than the model's.
ClipTokenizer load_clip_tokenizer(const Clip& clip);

}  // namespace mezzotint
