#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "mezzotint/base/tensor.h"
#include "mezzotint/data/captions.h"
#include "mezzotint/models/clip_tokenizer.h"
#include "mezzotint/training/contrastive_config.h"

namespace mezzotint {

/// Where drawing takes its numbers from: the same on every machine.
using Draws = std::mt19937_64;

/// Two texts of one meaning, or of neighbouring ones.
struct TextPair {
  std::array<int64_t, 2> texts;
  std::array<int64_t, 2> meanings;
};

/// All texts of a data set as tokens, each once: captions with the pictures that they belong to,
/// and the words and definitions of a thesaurus.
class CaptionTexts {
 public:
  CaptionTexts(const std::vector<CaptionedPicture>& pictures, const std::vector<Meaning>& meanings,
               const ClipTokenizer& tokenizer, const ContrastiveConfig& config);

  /// One of a picture's texts, its kind (name, keyword, ...) as often as the configuration says.
  int64_t draw_caption(int64_t picture, Draws& draws) const;
  /// Two texts that belong together: a word and its definition, two words of one meaning, or words
  /// of neighbouring ones; frequent words and those of captions more often.
  TextPair draw_pair(Draws& draws) const;
  bool has_meanings() const { return !meanings_.empty(); }

  int64_t size() const { return static_cast<int64_t>(ids_.size()); }
  /// The pictures that a caption belongs to, ascending; none for other texts.
  const std::vector<int64_t>& carriers(int64_t text) const;
  /// The number of a text, added if it is new. Texts of the same tokens are one.
  int64_t add(const std::string& text);
  size_t length(int64_t text) const { return ids_[static_cast<size_t>(text)].size(); }  ///< tokens
  /// [texts, longest of them] int64, padded as the tokenizer pads.
  Tensor ids(const std::vector<int64_t>& texts) const;

 private:
  static constexpr size_t kKinds = 5;
  struct Words {
    std::vector<int64_t> words;
    std::vector<double> shares;  ///< running sums
    int64_t definition = -1;
    std::vector<int64_t> related;
  };
  int64_t draw_word(int64_t meaning, Draws& draws) const;
  void add_meanings(const std::vector<Meaning>& meanings);

  const ClipTokenizer& tokenizer_;
  std::array<double, kKinds> shares_;  ///< of the kinds of captions
  std::vector<std::vector<int64_t>> ids_;
  std::map<std::vector<int64_t>, int64_t> numbers_;
  std::vector<std::array<std::vector<int64_t>, kKinds>> captions_;  ///< by picture
  std::map<int64_t, std::vector<int64_t>> carriers_;
  std::vector<Words> meanings_;
  std::vector<double> meaning_shares_;  ///< running sums
};

}  // namespace mezzotint
