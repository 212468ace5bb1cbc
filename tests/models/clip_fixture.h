#pragma once

// tests/models/data/clip_tokenizer: a small vocabulary in three forms, and what transformers and
// open_clip make of hard texts.

#include <fstream>
#include <sstream>
#include <string>

#include "mezzotint/models/clip_tokenizer.h"

#include "tests/models/fixture.h"

namespace mezzotint::testing {

inline std::string read_clip_text(const std::string& name) {
  std::ifstream file(fixture_path("clip_tokenizer/" + name), std::ios::binary);
  MEZZO_CHECK(file.good(), "no fixture ", name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline nlohmann::json read_clip_json(const std::string& name) {
  return nlohmann::json::parse(read_clip_text(name));
}

inline ClipTokenizer open_clip_tokenizer() {
  return ClipTokenizer(read_open_clip_merges(read_clip_text("merges.txt")),
                       open_clip_tokenizer_config());
}

inline ClipTokenizer transformers_tokenizer(const ClipTokenizerConfig& config = {}) {
  return ClipTokenizer(
      read_vocab_and_merges(read_clip_json("vocab.json"), read_clip_text("merges.txt")), config);
}

}  // namespace mezzotint::testing
