#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mezzotint/base/tensor.h"
#include "mezzotint/models/byte_pair_encoding.h"
#include "mezzotint/models/clip_vocabulary.h"
#include "mezzotint/models/text_pattern.h"

namespace mezzotint {

/// How texts become ids. The defaults are transformers' CLIPTokenizer.
struct ClipTokenizerConfig {
  int64_t context_length = 77;
  std::string cleaning = "transformers";
  std::string start_token = "<|startoftext|>";
  std::string end_token = "<|endoftext|>";
  std::string pad_token = "<|endoftext|>";

  void fields(auto& f) {
    f("context_length", context_length, "ids of a text, start and end included");
    f("cleaning", cleaning, "how texts are cleaned and split", {"transformers", "open_clip"});
    f("start_token", start_token, "token before the text");
    f("end_token", end_token, "token behind the text, and for bytes without a token");
    f("pad_token", pad_token, "token that fills up to context_length");
  }
};

/// open_clip's SimpleTokenizer: its cleaning and its special tokens, and id 0, "!", as padding.
ClipTokenizerConfig open_clip_tokenizer_config();

/// CLIP's tokenizer: Radford et al. 2021, arXiv:2103.00020, section 2.4. Texts are cleaned
/// (text_cleaning.h), split into words, digits and runs of signs, and encoded as byte pairs. The
/// ids are those of open_clip 3.3 or of transformers 5.24, as `cleaning` says; docs/clip.md has the
/// differences that remain. It can be used from several threads at once.
class ClipTokenizer {
 public:
  /// @throws Error naming the special token, or the merge, that the vocabulary doesn't have, or a
  ///         context_length below 2.
  explicit ClipTokenizer(const ClipVocabulary& vocabulary, const ClipTokenizerConfig& config = {});

  /// The texts' ids, int64 [n, context_length], each row padded.
  Tensor encode(const std::vector<std::string>& texts) const;

  /// A text's ids, start and end included, no padding: at most context_length; where the text is
  /// longer, the end token is still last. The text may hold any bytes: decode_utf8().
  std::vector<int64_t> encode_one(std::string_view text) const;

  /// The text of ids: words apart by single spaces, special tokens by their names, no space at
  /// either end. Bytes that aren't UTF-8 become U+FFFD. @throws Error when an id has no token.
  std::string decode(const std::vector<int64_t>& ids) const;

  /// One more than the largest id: the rows that an embedding needs.
  int64_t vocab_size() const { return vocab_size_; }
  int64_t context_length() const { return config_.context_length; }
  int64_t start_id() const { return start_id_; }
  int64_t end_id() const { return end_id_; }
  int64_t pad_id() const { return pad_id_; }

 private:
  /// Bytes of a cleaned text's pieces, up to `most` ids.
  void append_cleaned(std::vector<int64_t>& ids, std::string_view cleaned, size_t most) const;
  void append_piece(std::vector<int64_t>& ids, std::string_view piece) const;
  void append_raw(std::vector<int64_t>& ids, std::string_view text, size_t most) const;
  bool like_open_clip() const { return config_.cleaning == "open_clip"; }

  ClipTokenizerConfig config_;
  int64_t start_id_, end_id_, pad_id_;
  BytePairEncoding encoding_;
  TextPattern pieces_;
  std::unordered_map<int64_t, std::string> tokens_;
  int64_t vocab_size_ = 0;
};

}  // namespace mezzotint
