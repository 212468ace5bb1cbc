#include "mezzotint/models/byte_pair_training.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/models/clip_tokenizer.h"

namespace mezzotint {
namespace {

using Merges = std::vector<std::pair<std::string, std::string>>;

TEST(LearnBytePairs, JoinsTheMostFrequentPairFirst) {
  // "low" 5 times, "lower" twice, "newest" 6 times, "widest" 3 times: the paper's example.
  std::vector<std::string> texts;
  for (const auto& [word, count] :
       {std::pair{"low", 5}, {"lower", 2}, {"newest", 6}, {"widest", 3}})
    texts.insert(texts.end(), static_cast<size_t>(count), word);
  const ClipVocabulary vocabulary = learn_byte_pairs(texts, 514 + 4);
  // e s and s t</w> come nine times each, and so does es t</w> after that.
  EXPECT_EQ(vocabulary.merges[0], (std::pair<std::string, std::string>("e", "s")));
  EXPECT_EQ(vocabulary.merges[1], (std::pair<std::string, std::string>("es", "t</w>")));
  EXPECT_EQ(vocabulary.ids.size(), 518u);
  EXPECT_EQ(vocabulary.ids.at("<|endoftext|>"), 517);
}

TEST(LearnBytePairs, ItsVocabularyIsATokenizers) {
  const std::vector<std::string> texts = {"red heart", "Heart on fire", "cœur rouge",
                                          "❤️ heart", "hearts, hearts and 100 hearts"};
  const ClipVocabulary vocabulary = learn_byte_pairs(texts, 600);
  const ClipTokenizer tokenizer(vocabulary, {});
  const std::pair<const char*, const char*> cases[] = {{"red heart", "red heart"},
                                                       {"cœur", "cœur"},
                                                       {"❤️", "❤️"},
                                                       {"100", "1 0 0"},
                                                       {"never seen: ßx", "never seen : ßx"}};
  for (const auto& [text, decoded] : cases)
    EXPECT_EQ(tokenizer.decode(tokenizer.encode_one(text)),
              concat("<|startoftext|>", decoded, " <|endoftext|>"));
  // A frequent word is one token.
  EXPECT_EQ(tokenizer.encode_one("hearts").size(), 3u);
}

TEST(LearnBytePairs, IsTheSameEveryTimeAndStopsWhenNothingRepeats) {
  const std::vector<std::string> texts = {"abc abd", "xyz"};
  const ClipVocabulary one = learn_byte_pairs(texts, 4000), two = learn_byte_pairs(texts, 4000);
  EXPECT_EQ(one.merges, two.merges);
  EXPECT_EQ(one.merges, (Merges{{"a", "b"}}));
  EXPECT_TRUE(learn_byte_pairs({}, 514).merges.empty());
  EXPECT_THROW(learn_byte_pairs(texts, 513), Error);
}

TEST(LearnBytePairs, RepeatedSymbolsAreCountedOnce) {
  // aaaa: the pair a a comes three times, and joins to aa aa</w> in the end.
  const ClipVocabulary vocabulary = learn_byte_pairs({"aaaa aaaa"}, 4000);
  const ClipTokenizer tokenizer(vocabulary, {});
  EXPECT_EQ(tokenizer.encode_one("aaaa").size(), 3u);
}

}  // namespace
}  // namespace mezzotint
