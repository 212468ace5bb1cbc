#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mezzotint {

/// The symbols that byte pair encoding writes, with their ids, and the pairs that it joins, the
/// most urgent first. Symbols are in GPT-2's alphabet (byte_symbol()); one that ends a word ends in
/// `</w>`.
struct ClipVocabulary {
  std::unordered_map<std::string, int64_t> ids;
  std::vector<std::pair<std::string, std::string>> merges;
};

/// Whether a byte of Latin-1 stands for itself in vocabularies.
bool is_printable_byte(unsigned byte);

/// The printable character, as UTF-8, that stands for a byte in vocabularies: GPT-2's
/// bytes_to_unicode(). Printable Latin-1 stands for itself, the rest is U+0100 and up in order.
std::string byte_symbol(uint8_t byte);

/// The bytes that a token stands for; empty where a character of it stands for no byte.
std::optional<std::string> bytes_of_token(std::string_view token);

/// Byte pair encoding of single words: Sennrich et al. 2016, arXiv:1508.07909, on bytes.
class BytePairEncoding {
 public:
  /// @param unknown_id  for bytes that have no symbol in the vocabulary.
  /// @throws Error that names the merge whose parts, or result, are not in the vocabulary. Of a
  ///         merge given twice the later rank counts, as in both references.
  BytePairEncoding(const ClipVocabulary& vocabulary, int64_t unknown_id);

  /// Appends the ids of a word of n bytes, in O(n log n). Always the pair of lowest rank is joined
  /// next, the leftmost of equals.
  void append_ids(std::vector<int64_t>& ids, std::string_view word) const;

 private:
  struct Merge {
    int64_t rank;
    int64_t id;
  };
  struct PairHash {
    size_t operator()(const std::pair<int64_t, int64_t>& pair) const {
      return std::hash<uint64_t>()(static_cast<uint64_t>(pair.first) << 32U ^
                                   static_cast<uint64_t>(pair.second));
    }
  };
  class Word;

  std::vector<int64_t> byte_ids_;       // [256]
  std::vector<int64_t> last_byte_ids_;  // [256], with </w>
  std::unordered_map<std::pair<int64_t, int64_t>, Merge, PairHash> merges_;
};

}  // namespace mezzotint
