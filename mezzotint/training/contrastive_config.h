#pragma once

#include <cstdint>
#include <string>

namespace mezzotint {

/// How pictures are changed before a CLIP sees them, so that it knows what stays the same: also
/// that half-finished pictures of a diffusion model mean what they will become.
struct AugmentationConfig {
  double smallest = 0.75;  ///< of the size
  double largest = 1.2;
  double turn = 11.5;   ///< degrees either way
  double shift = 0.11;  ///< of the size, either way
  double color = 0.08;
  double contrast = 0.25;
  double blur = 0.4;
  double noise = 0.6;

  void fields(auto& f) {
    f("smallest", smallest, "smallest size, as a factor");
    f("largest", largest, "largest size");
    f("turn", turn, "turned by up to so many degrees either way");
    f("shift", shift, "shifted by up to so much of the size either way");
    f("color", color, "deviation of a random mix of the channels");
    f("contrast", contrast, "contrast is changed by up to so much either way");
    f("blur", blur, "share of the pictures that are blurred");
    f("noise", noise, "half of the pictures get noise, of up to this share of the deviation");
  }
};

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
  AugmentationConfig augmentation;

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
    f("augmentation", augmentation, "how pictures are changed");
  }
};

}  // namespace mezzotint
