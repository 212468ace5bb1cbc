#include "mezzotint/models/clip_tokenizer.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/ops/full.h>

#include "mezzotint/base/error.h"
#include "mezzotint/models/json_quotes.h"
#include "mezzotint/models/text_cleaning.h"
#include "mezzotint/models/unicode_text.h"

namespace mezzotint {
namespace {

// The tokens that transformers' expression names, whatever those of the vocabulary are.
constexpr std::string_view kNamedTokens[] = {"<|startoftext|>", "<|endoftext|>"};

int64_t id_of(const ClipVocabulary& vocabulary, const std::string& token, const char* what) {
  const auto found = vocabulary.ids.find(token);
  MEZZO_CHECK(found != vocabulary.ids.end(), "vocabulary: it has no ", what, " ",
              in_json_quotes(token));
  return found->second;
}

/// Words, single digits, runs of other signs; after the two special tokens and English endings.
/// Possessive, so that nothing is remembered for going back.
TextPattern piece_pattern(const ClipTokenizerConfig& config) {
  const std::string endings = "|'s|'t|'re|'ve|'m|'ll|'d|";
  if (config.cleaning != "open_clip")
    return TextPattern(R"(<\|startoftext\|>|<\|endoftext\|>)" + endings +
                       R"([\p{L}]++|[\p{N}]|[^\p{White_Space}\p{L}\p{N}]++)");
  // Where case is ignored, U+0345, a mark whose capital is iota, is neither a letter nor a sign to
  // Python's regex: it is passed over.
  return TextPattern(R"(\Q)" + config.start_token + R"(\E|\Q)" + config.end_token + R"(\E)" +
                         endings + R"([\p{L}]++|[\p{N}]|[^\p{White_Space}\p{L}\p{N}\x{345}]++)",
                     TextPattern::Case::kIgnored);
}

std::string with_spaces(std::string text) {
  constexpr std::string_view kEndOfWord = "</w>";
  for (size_t at = 0; (at = text.find(kEndOfWord, at)) != std::string::npos;)
    text.replace(at++, kEndOfWord.size(), " ");
  return text;
}

}  // namespace

ClipTokenizerConfig open_clip_tokenizer_config() {
  return {.cleaning = "open_clip",
          .start_token = "<start_of_text>",
          .end_token = "<end_of_text>",
          .pad_token = "!"};
}

ClipTokenizer::ClipTokenizer(const ClipVocabulary& vocabulary, const ClipTokenizerConfig& config)
    : config_(config),
      start_id_(id_of(vocabulary, config.start_token, "start token")),
      end_id_(id_of(vocabulary, config.end_token, "end token")),
      pad_id_(id_of(vocabulary, config.pad_token, "padding token")),
      encoding_(vocabulary, end_id_),
      pieces_(piece_pattern(config)) {
  MEZZO_CHECK(config.context_length >= 2, "context_length: got ", config.context_length,
              ", wanted 2 or more");
  for (const auto& [token, id] : vocabulary.ids) {
    tokens_[id] = token;
    vocab_size_ = std::max(vocab_size_, id + 1);
  }
}

Tensor ClipTokenizer::encode(const std::vector<std::string>& texts) const {
  const auto count = static_cast<int64_t>(texts.size());
  Tensor ids = at::full({count, config_.context_length}, pad_id_, at::kLong);
  for (int64_t i = 0; i < count; ++i)
    std::ranges::copy(encode_one(texts[i]), ids.data_ptr<int64_t>() + i * config_.context_length);
  return ids;
}

std::vector<int64_t> ClipTokenizer::encode_one(std::string_view text) const {
  const auto most = static_cast<size_t>(config_.context_length - 1);
  std::vector<int64_t> ids = {start_id_};
  if (like_open_clip())
    append_cleaned(ids, clean_like_open_clip(text), most);
  else
    append_raw(ids, text, most);
  ids.resize(std::min(ids.size(), most));
  ids.push_back(end_id_);
  return ids;
}

/// As tokenizers does it: special tokens are found in the text as it is, and what lies between them
/// is cleaned part by part.
void ClipTokenizer::append_raw(std::vector<int64_t>& ids, std::string_view text,
                               size_t most) const {
  while (!text.empty() && ids.size() < most) {
    const size_t start = text.find(config_.start_token), end = text.find(config_.end_token);
    const size_t special = std::min({start, end, text.size()});
    append_cleaned(ids, clean_like_transformers(text.substr(0, special)), most);
    text.remove_prefix(special);
    if (text.empty()) return;
    ids.push_back(start < end ? start_id_ : end_id_);
    text.remove_prefix((start < end ? config_.start_token : config_.end_token).size());
  }
}

void ClipTokenizer::append_cleaned(std::vector<int64_t>& ids, std::string_view cleaned,
                                   size_t most) const {
  pieces_.each_match(cleaned, [&](size_t begin, size_t end) {
    append_piece(ids, cleaned.substr(begin, end - begin));
    return ids.size() < most;
  });
}

void ClipTokenizer::append_piece(std::vector<int64_t>& ids, std::string_view piece) const {
  if (like_open_clip() && piece == config_.start_token) return ids.push_back(start_id_);
  if (like_open_clip() && piece == config_.end_token) return ids.push_back(end_id_);
  if (!like_open_clip() && std::ranges::find(kNamedTokens, piece) != std::end(kNamedTokens)) {
    // Written in capitals it is no special token, and tokenizers splits it a second time.
    encoding_.append_ids(ids, piece.substr(0, 2));
    encoding_.append_ids(ids, piece.substr(2, piece.size() - 4));
    return encoding_.append_ids(ids, piece.substr(piece.size() - 2));
  }
  encoding_.append_ids(ids, piece);
}

std::string ClipTokenizer::decode(const std::vector<int64_t>& ids) const {
  std::string bytes;
  for (const int64_t id : ids) {
    const auto found = tokens_.find(id);
    MEZZO_CHECK(found != tokens_.end(), "id ", id, ": no token has it; the vocabulary has ",
                tokens_.size(), " tokens");
    // A token in another alphabet, a special one, is written as it is.
    bytes += bytes_of_token(found->second).value_or(found->second);
  }
  const std::u32string text = decode_utf8(with_spaces(encode_utf8(decode_utf8(bytes))));
  return encode_utf8(strip(text));
}

}  // namespace mezzotint
