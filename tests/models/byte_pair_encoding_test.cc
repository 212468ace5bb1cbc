#include "mezzotint/models/byte_pair_encoding.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

using Ids = std::vector<int64_t>;

ClipVocabulary small_vocabulary() {
  return {
      {{"a", 0}, {"b", 1}, {"a</w>", 2}, {"b</w>", 3}, {"aa", 4}, {"aab</w>", 5}, {"ab</w>", 6}},
      {{"a", "a"}, {"a", "b</w>"}, {"aa", "b</w>"}}};
}

Ids ids_of(const BytePairEncoding& encoding, const std::string& word) {
  Ids ids;
  encoding.append_ids(ids, word);
  return ids;
}

TEST(BytePairEncoding, JoinsByRankFromTheLeft) {
  const BytePairEncoding encoding(small_vocabulary(), 99);
  EXPECT_EQ(ids_of(encoding, "aab"), Ids({5}));
  EXPECT_EQ(ids_of(encoding, "ab"), Ids({6}));
  EXPECT_EQ(ids_of(encoding, "aaab"), Ids({4, 6}));
  EXPECT_EQ(ids_of(encoding, "aaaa"), Ids({4, 0, 2}));
  EXPECT_EQ(ids_of(encoding, "a"), Ids({2}));
  EXPECT_EQ(ids_of(encoding, ""), Ids());
  EXPECT_EQ(ids_of(encoding, "axb"), Ids({0, 99, 3}));
}

TEST(BytePairEncoding, OfAMergeGivenTwiceTheLaterRankCounts) {
  ClipVocabulary vocabulary = small_vocabulary();
  vocabulary.merges.emplace_back("a", "a");
  EXPECT_EQ(ids_of(BytePairEncoding(vocabulary, 99), "aab"), Ids({0, 6}));
}

TEST(BytePairEncoding, NamesTheSymbolThatIsMissing) {
  for (const auto& merge : {std::pair("a", "c"), std::pair("c", "a"), std::pair("b", "a")}) {
    ClipVocabulary vocabulary = small_vocabulary();
    vocabulary.merges.emplace_back(merge);
    try {
      BytePairEncoding(vocabulary, 99);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("vocabulary: merge 4: "), 0U) << error.what();
    }
  }
}

TEST(BytePairEncoding, EveryByteHasItsSymbol) {
  EXPECT_EQ(byte_symbol('a'), "a");
  EXPECT_EQ(byte_symbol(0), "\u0100");
  EXPECT_EQ(byte_symbol(' '), "\u0120");
  EXPECT_EQ(byte_symbol(0xAD), "\u0143");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string bytes(1, static_cast<char>(byte));
    EXPECT_EQ(bytes_of_token(byte_symbol(static_cast<uint8_t>(byte))), bytes);
  }
  EXPECT_FALSE(bytes_of_token("a b").has_value());
  EXPECT_FALSE(bytes_of_token("\u0144").has_value());
}

}  // namespace
}  // namespace mezzotint
