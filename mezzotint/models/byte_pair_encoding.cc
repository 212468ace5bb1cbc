#include "mezzotint/models/byte_pair_encoding.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "mezzotint/base/error.h"
#include "mezzotint/models/json_quotes.h"
#include "mezzotint/models/unicode_text.h"

namespace mezzotint {
namespace {

constexpr const char* kEndOfWord = "</w>";
constexpr size_t kByteCharacters = 324;  // the largest is U+0143

std::array<char32_t, 256> byte_characters() {
  std::array<char32_t, 256> characters{};
  char32_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte)
    characters[byte] = is_printable_byte(byte) ? byte : next++;
  return characters;
}

/// From character to byte; -1 where it stands for none.
std::array<int, kByteCharacters> character_bytes() {
  std::array<int, kByteCharacters> bytes{};
  bytes.fill(-1);
  const std::array<char32_t, 256> characters = byte_characters();
  for (int byte = 0; byte < 256; ++byte) bytes[characters[byte]] = byte;
  return bytes;
}

int64_t id_of(const ClipVocabulary& vocabulary, const std::string& symbol, size_t merge) {
  const auto found = vocabulary.ids.find(symbol);
  MEZZO_CHECK(found != vocabulary.ids.end(), "vocabulary: merge ", merge + 1, ": ",
              in_json_quotes(symbol), " is no token of the vocabulary");
  return found->second;
}

}  // namespace

bool is_printable_byte(unsigned byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

std::string byte_symbol(uint8_t byte) {
  static const auto kCharacters = byte_characters();
  return encode_utf8({&kCharacters[byte], 1});
}

std::optional<std::string> bytes_of_token(std::string_view token) {
  static const auto kBytes = character_bytes();
  std::string bytes;
  for (const char32_t c : decode_utf8(token)) {
    if (c >= kByteCharacters || kBytes[c] < 0) return {};
    bytes += static_cast<char>(kBytes[c]);
  }
  return bytes;
}

BytePairEncoding::BytePairEncoding(const ClipVocabulary& vocabulary, int64_t unknown_id) {
  const auto id_or_unknown = [&](const std::string& symbol) {
    const auto found = vocabulary.ids.find(symbol);
    return found == vocabulary.ids.end() ? unknown_id : found->second;
  };
  for (int byte = 0; byte < 256; ++byte) {
    const std::string symbol = byte_symbol(static_cast<uint8_t>(byte));
    byte_ids_.push_back(id_or_unknown(symbol));
    last_byte_ids_.push_back(id_or_unknown(symbol + kEndOfWord));
  }
  for (size_t i = 0; i < vocabulary.merges.size(); ++i) {
    const auto& [left, right] = vocabulary.merges[i];
    const std::pair pair(id_of(vocabulary, left, i), id_of(vocabulary, right, i));
    merges_[pair] = {static_cast<int64_t>(i), id_of(vocabulary, left + right, i)};
  }
}

/// The symbols of a word as a linked list, and a heap of the pairs that can be joined. Entries of
/// the heap that joins have overtaken are recognised when they come up.
class BytePairEncoding::Word {
 public:
  Word(const BytePairEncoding& encoding, std::string_view bytes)
      : encoding_(encoding), symbols_(bytes.size()) {
    const auto count = static_cast<int64_t>(bytes.size());
    for (int64_t i = 0; i < count; ++i) {
      const auto byte = static_cast<uint8_t>(bytes[i]);
      const bool last = i + 1 == count;
      symbols_[i] = {(last ? encoding.last_byte_ids_ : encoding.byte_ids_)[byte], i - 1,
                     last ? -1 : i + 1};
    }
    for (int64_t i = 0; i + 1 < count; ++i) offer(i);
  }

  void join_all() {
    while (!offers_.empty()) {
      const auto [rank, at, id] = offers_.top();
      offers_.pop();
      const Merge* merge = merge_at(at);
      if (merge != nullptr && merge->rank == rank) join(at, id);
    }
  }

  void append_to(std::vector<int64_t>& ids) const {
    for (int64_t i = symbols_.empty() ? -1 : 0; i >= 0; i = symbols_[i].next)
      ids.push_back(symbols_[i].id);
  }

 private:
  static constexpr int64_t kGone = -2;
  struct Symbol {
    int64_t id, previous, next;
  };
  using Offer = std::tuple<int64_t, int64_t, int64_t>;  // rank, place of the left one, joined id

  /// How the symbol at `at` joins with the next; null where it does not.
  const Merge* merge_at(int64_t at) const {
    const int64_t next = symbols_[at].next;
    if (next < 0) return nullptr;
    const auto found = encoding_.merges_.find({symbols_[at].id, symbols_[next].id});
    return found == encoding_.merges_.end() ? nullptr : &found->second;
  }

  void offer(int64_t at) {
    if (const Merge* merge = merge_at(at)) offers_.emplace(merge->rank, at, merge->id);
  }

  void join(int64_t at, int64_t id) {
    Symbol& left = symbols_[at];
    Symbol& right = symbols_[left.next];
    left.id = id;
    left.next = right.next;
    right.next = kGone;
    if (left.next >= 0) symbols_[left.next].previous = at;
    offer(at);
    if (left.previous >= 0) offer(left.previous);
  }

  const BytePairEncoding& encoding_;
  std::vector<Symbol> symbols_;
  std::priority_queue<Offer, std::vector<Offer>, std::greater<>> offers_;
};

void BytePairEncoding::append_ids(std::vector<int64_t>& ids, std::string_view word) const {
  Word symbols(*this, word);
  symbols.join_all();
  symbols.append_to(ids);
}

}  // namespace mezzotint
