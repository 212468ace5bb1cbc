#include "mezzotint/models/clip_vocabulary.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/models/json_quotes.h"

namespace mezzotint {
namespace {

using Merge = std::pair<std::string, std::string>;

constexpr size_t kOpenClipMerges = 49152 - 256 - 2;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

/// @throws Error unless the text is two symbols with a space between them.
Merge read_merge(std::string_view text, const std::string& where) {
  const size_t space = text.find(' ');
  const bool two = space != std::string_view::npos && space > 0 && space + 1 < text.size() &&
                   text.find(' ', space + 1) == std::string_view::npos;
  MEZZO_CHECK(two, where, ": got ", in_json_quotes(text),
              ", wanted two symbols with a space between them");
  return {std::string(text.substr(0, space)), std::string(text.substr(space + 1))};
}

int64_t read_id(const nlohmann::json& id, const std::string& where, const std::string& token) {
  const bool whole = id.is_number_integer() && id.get<int64_t>() >= 0 &&
                     id.get<int64_t>() <= std::numeric_limits<int32_t>::max();
  MEZZO_CHECK(whole, where, ": ", in_json_quotes(token), ": got ",
              id.is_number() ? id.dump() : std::string(id.type_name()),
              ", wanted an id: a whole number from 0 to 2147483647");
  return id.get<int64_t>();
}

std::unordered_map<std::string, int64_t> read_ids(const nlohmann::json& vocab,
                                                  const std::string& where) {
  MEZZO_CHECK(vocab.is_object() && !vocab.empty(), where, ": got ", vocab.type_name(),
              vocab.empty() ? " without tokens" : "", ", wanted an object from token to id");
  std::unordered_map<std::string, int64_t> ids;
  std::unordered_map<int64_t, std::string> tokens;
  for (const auto& [token, id] : vocab.items()) {
    const int64_t number = read_id(id, where, token);
    const auto [other, is_new] = tokens.emplace(number, token);
    MEZZO_CHECK(is_new, where, ": id ", number, " is both ", in_json_quotes(other->second), " and ",
                in_json_quotes(token));
    ids[token] = number;
  }
  return ids;
}

/// One of `merges` in tokenizer.json: "a b", or ["a", "b"] since tokenizers 0.20.
Merge read_json_merge(const nlohmann::json& merge, const std::string& where) {
  if (merge.is_string()) return read_merge(merge.get_ref<const std::string&>(), where);
  const bool two =
      merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string();
  MEZZO_CHECK(two, where, ": got ", merge.type_name(), ", wanted two symbols");
  return {merge[0].get<std::string>(), merge[1].get<std::string>()};
}

void add_added_tokens(ClipVocabulary& vocabulary, const nlohmann::json& json) {
  const auto found = json.find("added_tokens");
  if (found == json.end() || found->is_null()) return;
  const std::string where = "tokenizer.json: added_tokens";
  MEZZO_CHECK(found->is_array(), where, ": got ", found->type_name(), ", wanted a list");
  for (const nlohmann::json& token : *found) {
    const bool named = token.is_object() && token.contains("id") && token.contains("content") &&
                       token["content"].is_string();
    MEZZO_CHECK(named, where, ": a token without id or content");
    const std::string content = token["content"];
    const int64_t id = read_id(token["id"], where, content);
    const auto [entry, is_new] = vocabulary.ids.emplace(content, id);
    MEZZO_CHECK(is_new || entry->second == id, where, ": ", in_json_quotes(content), " has id ", id,
                " here and ", entry->second, " in the vocabulary");
  }
}

}  // namespace

ClipVocabulary read_vocab_and_merges(const nlohmann::json& vocab, std::string_view merges) {
  ClipVocabulary vocabulary{read_ids(vocab, "vocab.json"), {}};
  const std::vector<std::string_view> lines = lines_of(merges);
  for (size_t i = 0; i < lines.size(); ++i)
    if (!lines[i].empty() && !lines[i].starts_with("#version"))
      vocabulary.merges.push_back(read_merge(lines[i], concat("merges.txt:", i + 1)));
  return vocabulary;
}

ClipVocabulary read_tokenizer_json(const nlohmann::json& json) {
  const std::string where = "tokenizer.json: model";
  MEZZO_CHECK(json.is_object() && json.contains("model") && json["model"].is_object(), where,
              ": missing, or no object");
  const nlohmann::json& model = json["model"];
  const auto is = [&](const char* key, const char* wanted) {
    return model.contains(key) && model[key] == wanted;
  };
  MEZZO_CHECK(!model.contains("type") || is("type", "BPE"), where,
              ": type: wanted BPE, byte pair encoding, as CLIP has it");
  MEZZO_CHECK(is("end_of_word_suffix", "</w>"), where,
              ": end_of_word_suffix: wanted '</w>', as CLIP has it");
  MEZZO_CHECK(model.contains("vocab") && model.contains("merges") && model["merges"].is_array(),
              where, ": needs a vocab and a list of merges");
  ClipVocabulary vocabulary{read_ids(model["vocab"], where + ": vocab"), {}};
  add_added_tokens(vocabulary, json);
  for (const nlohmann::json& merge : model["merges"])
    vocabulary.merges.push_back(
        read_json_merge(merge, concat(where, ": merge ", vocabulary.merges.size() + 1)));
  return vocabulary;
}

ClipVocabulary read_open_clip_merges(std::string_view text) {
  ClipVocabulary vocabulary;
  int64_t next = 0;
  // In the order of bytes_to_unicode(): those that stand for themselves first.
  for (const char* end : {"", "</w>"})
    for (const bool itself : {true, false})
      for (unsigned byte = 0; byte < 256; ++byte)
        if (is_printable_byte(byte) == itself)
          vocabulary.ids[byte_symbol(static_cast<uint8_t>(byte)) + end] = next++;
  const std::vector<std::string_view> lines = lines_of(text);
  for (size_t i = 1; i < lines.size() && i <= kOpenClipMerges; ++i) {
    Merge merge;
    if (!lines[i].empty()) {
      merge = read_merge(lines[i], concat("merges:", i + 1));
      vocabulary.merges.push_back(merge);
    }
    vocabulary.ids[merge.first + merge.second] = next++;
  }
  for (const char* special : {"<start_of_text>", "<end_of_text>"}) vocabulary.ids[special] = next++;
  return vocabulary;
}

}  // namespace mezzotint
