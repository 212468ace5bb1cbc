#include "mezzotint/training/caption_texts.h"

#include <algorithm>
#include <cmath>

#include <ATen/ops/full.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

// How pairs of texts are drawn.
constexpr double kDefinitions = 0.4, kSynonyms = 0.3, kRelatedDefinitions = 0.25,
                 kNeighbourWeight = 0.35, kCountWeight = 0.1;

/// Uniform in [0, 1).
double unit(Draws& draws) { return static_cast<double>(draws() >> 11U) * 0x1p-53; }

size_t index_below(size_t count, Draws& draws) {
  return std::min(static_cast<size_t>(unit(draws) * static_cast<double>(count)), count - 1);
}

/// An index, as often as its share.
size_t draw_by(const std::vector<double>& running_sums, Draws& draws) {
  const double at = unit(draws) * running_sums.back();
  const auto found = std::ranges::upper_bound(running_sums, at);
  return std::min(static_cast<size_t>(found - running_sums.begin()), running_sums.size() - 1);
}

/// "(usually followed by `to') having the means" -> "having the means".
std::string without_parentheses(const std::string& text) {
  std::string out;
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    if (depth == 0) out += c;
    if (c == ')' && depth > 0) --depth;
  }
  const size_t begin = out.find_first_not_of(' '), end = out.find_last_not_of(' ');
  return begin == std::string::npos ? "" : out.substr(begin, end - begin + 1);
}

}  // namespace

CaptionTexts::CaptionTexts(const std::vector<CaptionedPicture>& pictures,
                           const std::vector<Meaning>& meanings, const ClipTokenizer& tokenizer,
                           const ContrastiveConfig& config)
    : tokenizer_(tokenizer),
      shares_{config.name_share, config.names_share, config.keyword_share, config.group_share,
              config.translation_share} {
  for (const CaptionedPicture& picture : pictures) {
    const auto number = static_cast<int64_t>(captions_.size());
    const std::array<std::vector<std::string>, kKinds> kinds = {
        std::vector<std::string>{picture.text}, picture.names, picture.keywords, picture.groups,
        picture.translations};
    captions_.emplace_back();
    for (size_t kind = 0; kind < kKinds; ++kind)
      for (const std::string& text : kinds[kind]) {
        const int64_t added = add(text);
        captions_.back()[kind].push_back(added);
        std::vector<int64_t>& owners = carriers_[added];
        if (owners.empty() || owners.back() != number) owners.push_back(number);
      }
  }
  add_meanings(meanings);
}

void CaptionTexts::add_meanings(const std::vector<Meaning>& meanings) {
  double total = 0;
  for (const Meaning& meaning : meanings) {
    Words words;
    double sum = 0, met = 0;
    for (size_t k = 0; k < meaning.words.size(); ++k) {
      words.words.push_back(add(meaning.words[k]));
      met += std::sqrt(meaning.counts[k]);
      words.shares.push_back(sum += 1 + std::sqrt(meaning.counts[k]));
    }
    const std::string definition = without_parentheses(meaning.definition);
    if (!definition.empty()) words.definition = add(definition);
    words.related = meaning.related;
    meanings_.push_back(std::move(words));
    total += (meaning.distance == 0 ? 1 : kNeighbourWeight) * std::sqrt(1 + kCountWeight * met);
    meaning_shares_.push_back(total);
  }
}

int64_t CaptionTexts::add(const std::string& text) {
  std::vector<int64_t> ids = tokenizer_.encode_one(text);
  const auto [found, is_new] = numbers_.emplace(ids, size());
  if (is_new) ids_.push_back(std::move(ids));
  return found->second;
}

const std::vector<int64_t>& CaptionTexts::carriers(int64_t text) const {
  static const std::vector<int64_t> kNone;
  const auto found = carriers_.find(text);
  return found == carriers_.end() ? kNone : found->second;
}

int64_t CaptionTexts::draw_caption(int64_t picture, Draws& draws) const {
  const auto& kinds = captions_.at(static_cast<size_t>(picture));
  std::vector<double> sums;
  double sum = 0;
  for (size_t kind = 0; kind < kKinds; ++kind)
    sums.push_back(sum += kinds[kind].empty() ? 0 : shares_[kind]);
  if (sum <= 0) return kinds[0].front();  // the name, which every picture has
  const std::vector<int64_t>& texts = kinds[draw_by(sums, draws)];
  return texts[index_below(texts.size(), draws)];
}

int64_t CaptionTexts::draw_word(int64_t meaning, Draws& draws) const {
  const Words& words = meanings_[static_cast<size_t>(meaning)];
  return words.words[draw_by(words.shares, draws)];
}

TextPair CaptionTexts::draw_pair(Draws& draws) const {
  const auto meaning = static_cast<int64_t>(draw_by(meaning_shares_, draws));
  const Words& words = meanings_[static_cast<size_t>(meaning)];
  const int64_t word = draw_word(meaning, draws);
  const double choice = unit(draws);
  if (choice < kDefinitions && words.definition >= 0)
    return {{word, words.definition}, {meaning, meaning}};
  if (choice < kDefinitions + kSynonyms && words.words.size() > 1) {
    int64_t other = word;
    for (int attempt = 0; other == word && attempt < 8; ++attempt)
      other = draw_word(meaning, draws);
    return {{word, other}, {meaning, meaning}};
  }
  if (!words.related.empty()) {
    const int64_t near = words.related[index_below(words.related.size(), draws)];
    const int64_t definition = meanings_[static_cast<size_t>(near)].definition;
    const bool defined = unit(draws) < kRelatedDefinitions && definition >= 0;
    return {{word, defined ? definition : draw_word(near, draws)}, {meaning, near}};
  }
  return {{word, words.definition >= 0 ? words.definition : word}, {meaning, meaning}};
}

Tensor CaptionTexts::ids(const std::vector<int64_t>& texts) const {
  size_t longest = 1;
  for (const int64_t text : texts) longest = std::max(longest, ids_.at(text).size());
  Tensor ids = at::full({static_cast<int64_t>(texts.size()), static_cast<int64_t>(longest)},
                        tokenizer_.pad_id(), at::kLong);
  for (size_t i = 0; i < texts.size(); ++i)
    std::ranges::copy(ids_[texts[i]], ids.mutable_data_ptr<int64_t>() + i * longest);
  return ids;
}

}  // namespace mezzotint
