#pragma once

#include <filesystem>

#include "mezzotint/models/byte_pair_encoding.h"
#include "mezzotint/pipelines/clip.h"

namespace mezzotint {

/// Writes a CLIP as transformers does: config.json, model.safetensors, preprocessor_config.json,
/// vocab.json, merges.txt, tokenizer_config.json and special_tokens_map.json. CLIPModel,
/// CLIPTokenizer and CLIPProcessor load it by from_pretrained(folder). The folder is replaced in
/// one step.
void save_clip(const Clip& clip, const ClipVocabulary& vocabulary,
               const std::filesystem::path& folder);

}  // namespace mezzotint
