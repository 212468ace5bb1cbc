#pragma once

#include <cstdint>
#include <string>

namespace mezzotint {

/// How a CLIP learns: section `contrastive` of RunConfig.
struct ContrastiveConfig {
  std::string tokenizer;
  int64_t vocabulary = 4096;
  int64_t captions_per_picture = 3;
  int64_t text_pairs = 192;
  double name_share = 0.35;
  double names_share = 0.1;
  double keyword_share = 0.35;
  double group_share = 0.03;
  double translation_share = 0.15;
  double anchor_weight = 1.0;
  double batch_weight = 0.5;
  double text_weight = 1.0;

  void fields(auto& f) {
    f("tokenizer", tokenizer, "folder with vocab.json and merges.txt; none: made from the texts");
    f("vocabulary", vocabulary, "tokens of a tokenizer that is made from the texts");
    f("captions_per_picture", captions_per_picture, "texts drawn for each picture of a batch");
    f("text_pairs", text_pairs,
      "pairs of texts of one meaning in a batch, where there is a "
      "thesaurus");
    f("name_share", name_share, "how often a picture's caption is its name");
    f("names_share", names_share, "... one of its other names");
    f("keyword_share", keyword_share, "... a keyword");
    f("group_share", group_share, "... the group it belongs to");
    f("translation_share", translation_share, "... a text of another language");
    f("anchor_weight", anchor_weight,
      "of the loss that gives each picture of the data a place of its own, to which its versions "
      "and texts are drawn");
    f("batch_weight", batch_weight, "of the loss between the pictures and texts of a batch");
    f("text_weight", text_weight, "of the loss between texts of one meaning");
  }
};

}  // namespace mezzotint
