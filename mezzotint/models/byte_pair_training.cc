#include "mezzotint/models/byte_pair_training.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "mezzotint/base/error.h"
#include "mezzotint/models/clip_tokenizer.h"

namespace mezzotint {
namespace {

constexpr int64_t kBytes = 256, kSpecial = 2;
constexpr const char* kWordEnd = "</w>";

using Pair = std::pair<int64_t, int64_t>;

/// Symbols by number: bytes, bytes that end a word, then what was joined.
ClipVocabulary bytes_alone() {
  ClipVocabulary vocabulary;
  int64_t id = 0;
  for (const char* ending : {"", kWordEnd})
    for (const bool printable : {true, false})  // the order of GPT-2's bytes_to_unicode()
      for (unsigned byte = 0; byte < kBytes; ++byte)
        if (is_printable_byte(byte) == printable)
          vocabulary.ids.emplace(byte_symbol(static_cast<uint8_t>(byte)) + ending, id++);
  vocabulary.ids.emplace("<|startoftext|>", id++);
  vocabulary.ids.emplace("<|endoftext|>", id++);
  return vocabulary;
}

struct Word {
  std::vector<int64_t> symbols;
  int64_t count = 0;
};

/// The words of the texts, as bytes, and how often each comes. A tokenizer that joins nothing
/// splits them.
std::vector<Word> words_of(const std::vector<std::string>& texts, const ClipVocabulary& bytes) {
  ClipTokenizerConfig config;
  config.context_length = std::numeric_limits<int32_t>::max();
  const ClipTokenizer splitter(bytes, config);
  std::map<std::vector<int64_t>, int64_t> counts;
  for (const std::string& text : texts) {
    std::vector<int64_t> word;
    for (const int64_t id : splitter.encode_one(text)) {
      if (id >= 2 * kBytes) continue;  // start and end
      word.push_back(id);
      if (id < kBytes) continue;
      ++counts[word];
      word.clear();
    }
  }
  std::vector<Word> words;
  for (const auto& [symbols, count] : counts) words.push_back({symbols, count});
  return words;
}

/// How often each pair of neighbours comes, kept up to date while symbols are joined.
class PairCounts {
 public:
  PairCounts(std::vector<Word> words, std::vector<std::string> symbols)
      : words_(std::move(words)), symbols_(std::move(symbols)) {
    for (size_t w = 0; w < words_.size(); ++w) add(w, 1);
    for (const auto& [pair, count] : counts_) order_.insert(key(pair, count));
    ordered_ = true;
  }

  /// The most frequent pair; (-1, -1) when none comes twice.
  Pair best() const {
    if (order_.empty() || -std::get<0>(*order_.begin()) < 2) return {-1, -1};
    return std::get<3>(*order_.begin());
  }

  void join(const Pair& pair, const std::string& symbol) {
    const auto joined = static_cast<int64_t>(symbols_.size());
    symbols_.push_back(symbol);
    const std::set<size_t> places = places_.at(pair);
    for (const size_t w : places) {
      add(w, -1);
      std::vector<int64_t>& word = words_[w].symbols;
      std::vector<int64_t> shorter;
      for (size_t i = 0; i < word.size(); ++i) {
        const bool here =
            i + 1 < word.size() && word[i] == pair.first && word[i + 1] == pair.second;
        shorter.push_back(here ? joined : word[i]);
        if (here) ++i;
      }
      word = std::move(shorter);
      add(w, 1);
    }
  }

  const std::string& symbol(int64_t number) const { return symbols_[static_cast<size_t>(number)]; }

 private:
  using Key = std::tuple<int64_t, std::string, std::string, Pair>;
  Key key(const Pair& pair, int64_t count) const {
    return {-count, symbol(pair.first), symbol(pair.second), pair};
  }

  /// Counts the pairs of a word in (sign 1) or out (-1).
  void add(size_t w, int64_t sign) {
    const Word& word = words_[w];
    for (size_t i = 0; i + 1 < word.symbols.size(); ++i) {
      const Pair pair = {word.symbols[i], word.symbols[i + 1]};
      int64_t& count = counts_[pair];
      if (ordered_) order_.erase(key(pair, count));
      count += sign * word.count;
      if (ordered_ && count > 0) order_.insert(key(pair, count));
      if (sign > 0)
        places_[pair].insert(w);
      else
        places_[pair].erase(w);
    }
  }

  std::vector<Word> words_;
  std::vector<std::string> symbols_;
  std::map<Pair, int64_t> counts_;
  std::map<Pair, std::set<size_t>> places_;
  std::set<Key> order_;   ///< the best first
  bool ordered_ = false;  ///< once all words are in
};

}  // namespace

ClipVocabulary learn_byte_pairs(const std::vector<std::string>& texts, int64_t size) {
  if (size < 2 * kBytes + kSpecial)
    fail_usage("vocabulary: got ", size, " tokens, wanted at least ", 2 * kBytes + kSpecial);
  const ClipVocabulary bytes = bytes_alone();
  std::vector<std::string> symbols(2 * kBytes);
  for (const auto& [symbol, id] : bytes.ids)
    if (id < 2 * kBytes) symbols[static_cast<size_t>(id)] = symbol;
  PairCounts counts(words_of(texts, bytes), symbols);
  ClipVocabulary vocabulary;
  for (int64_t id = 0; id < 2 * kBytes; ++id) vocabulary.ids.emplace(symbols[id], id);
  while (static_cast<int64_t>(vocabulary.ids.size()) < size - kSpecial) {
    const Pair pair = counts.best();
    if (pair.first < 0) break;
    const std::string first = counts.symbol(pair.first), second = counts.symbol(pair.second);
    vocabulary.merges.emplace_back(first, second);
    vocabulary.ids.emplace(first + second, static_cast<int64_t>(vocabulary.ids.size()));
    counts.join(pair, first + second);
  }
  for (const char* special : {"<|startoftext|>", "<|endoftext|>"})
    vocabulary.ids.emplace(special, static_cast<int64_t>(vocabulary.ids.size()));
  return vocabulary;
}

}  // namespace mezzotint
