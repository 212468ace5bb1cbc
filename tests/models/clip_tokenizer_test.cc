#include "mezzotint/models/clip_tokenizer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

#include "tests/models/clip_fixture.h"

namespace mezzotint {
namespace {

using testing::open_clip_tokenizer;
using testing::read_clip_json;
using testing::read_clip_text;
using testing::transformers_tokenizer;
using Ids = std::vector<int64_t>;

Ids row(const Tensor& ids, int64_t i) {
  const int64_t* begin = ids.data_ptr<int64_t>() + i * ids.size(1);
  return {begin, begin + ids.size(1)};
}

TEST(ClipTokenizer, HasOpenClipsIds) {
  const ClipTokenizer tokenizer = open_clip_tokenizer();
  const auto cases = read_clip_json("expected.json")["cases"];
  ASSERT_EQ(cases.size(), 99U);
  for (const auto& test : cases)
    EXPECT_EQ(tokenizer.encode_one(test["text"].get<std::string>()), test["ids"].get<Ids>())
        << test["text"];
}

TEST(ClipTokenizer, HasTransformersIdsFromBothFormsOfTheVocabulary) {
  const ClipTokenizer files = transformers_tokenizer();
  const ClipTokenizer json(read_tokenizer_json(read_clip_json("tokenizer.json")));
  int decoded = 0;
  const auto cases = read_clip_json("expected.json")["cases"];
  for (const auto& test : cases) {
    const auto ids = test.value("transformers", test["ids"]).get<Ids>();
    EXPECT_EQ(files.encode_one(test["text"].get<std::string>()), ids) << test["text"];
    EXPECT_EQ(json.encode_one(test["text"].get<std::string>()), ids) << test["text"];
    if (!test.contains("decoded")) continue;
    EXPECT_EQ(files.decode(ids), test["decoded"].get<std::string>());
    ++decoded;
  }
  EXPECT_GT(decoded, 20);
}

TEST(ClipTokenizer, KnowsItsSpecialIds) {
  const auto special = read_clip_json("expected.json")["special"];
  const ClipTokenizer open_clip = open_clip_tokenizer(), transformers = transformers_tokenizer();
  EXPECT_EQ((Ids{open_clip.start_id(), open_clip.end_id()}), special["open_clip"].get<Ids>());
  EXPECT_EQ(open_clip.pad_id(), 0);
  EXPECT_EQ((Ids{transformers.start_id(), transformers.end_id(), transformers.pad_id()}),
            special["transformers"].get<Ids>());
  EXPECT_EQ(open_clip.vocab_size(), special["open_clip"][1].get<int64_t>() + 1);
  EXPECT_EQ(open_clip.context_length(), 77);
}

TEST(ClipTokenizer, FillsRowsWithThePaddingOfEach) {
  const std::vector<std::string> texts = {"a cat", ""};
  const Tensor open_clip = open_clip_tokenizer().encode(texts);
  const Tensor transformers = transformers_tokenizer().encode(texts);
  ASSERT_EQ(open_clip.sizes(), IntArrayRef({2, 77}));
  ASSERT_EQ(open_clip.scalar_type(), at::kLong);
  Ids expected = open_clip_tokenizer().encode_one("a cat");
  const int64_t end = expected.back();
  expected.resize(77, 0);
  EXPECT_EQ(row(open_clip, 0), expected);
  Ids empty = {end - 1};
  empty.resize(77, end);
  EXPECT_EQ(row(transformers, 1), empty);
  EXPECT_EQ(row(transformers_tokenizer({.context_length = 3, .pad_token = "a"}).encode({""}), 0),
            (Ids{end - 1, end, 64}));
  EXPECT_EQ(open_clip_tokenizer().encode({}).sizes(), IntArrayRef({0, 77}));
}

TEST(ClipTokenizer, KeepsTheEndOfATruncatedText) {
  const ClipTokenizer tokenizer = transformers_tokenizer({.context_length = 4});
  const Ids ids = tokenizer.encode_one("1 2 3 4 5");
  ASSERT_EQ(ids.size(), 4U);
  EXPECT_EQ(ids[2], tokenizer.encode_one("2")[1]);
  EXPECT_EQ(ids[3], tokenizer.end_id());
}

TEST(ClipTokenizer, TakesAnyBytes) {
  for (const ClipTokenizer& tokenizer : {open_clip_tokenizer(), transformers_tokenizer()}) {
    const Ids replaced = tokenizer.encode_one("a\uFFFD b");
    EXPECT_EQ(tokenizer.encode_one("a\xFF b"), replaced);
    EXPECT_EQ(tokenizer.encode_one("a\xE2\x82 b"), replaced);
    EXPECT_EQ(tokenizer.encode_one("\xED\xA0\xBD\xED\xB8\x80"), tokenizer.encode_one("\U0001F600"));
  }
  const std::string nul("a\0b", 3);
  EXPECT_EQ(open_clip_tokenizer().encode_one(nul), open_clip_tokenizer().encode_one("ab"));
  EXPECT_EQ(transformers_tokenizer().encode_one(nul).size(), 5U);
}

TEST(ClipTokenizer, ReadsMegabytesInAnInstant) {
  std::string nested = "&";
  for (int i = 0; i < 100'000; ++i) nested += "amp;";
  std::string marks = "a";
  for (int i = 0; i < 100'000; ++i) marks += "\u0301\u0323";
  const std::vector<std::string> texts = {std::string(200'000, 'a'), nested, marks,
                                          std::string(1'000'000, ' ') + "x",
                                          "\x1B[" + std::string(200'000, '1')};
  // A quadratic step anywhere would take minutes.
  for (const ClipTokenizer& tokenizer : {open_clip_tokenizer(), transformers_tokenizer()})
    EXPECT_EQ(tokenizer.encode(texts)[3][2].item<int64_t>(), tokenizer.end_id());
}

TEST(ClipTokenizer, DecodesWhatItEncoded) {
  const ClipTokenizer tokenizer = open_clip_tokenizer();
  Ids ids = tokenizer.encode_one("A Photo of \U0001F600 caf\u00E9!");
  EXPECT_EQ(tokenizer.decode(ids),
            "<start_of_text>a photo of \U0001F600 caf\u00E9 ! <end_of_text>");
  ids = {ids.begin() + 1, ids.end() - 1};
  EXPECT_EQ(tokenizer.decode(ids), "a photo of \U0001F600 caf\u00E9 !");
  EXPECT_EQ(tokenizer.decode({tokenizer.encode_one("\U0001F600")[1]}), "\uFFFD");
  EXPECT_THROW(tokenizer.decode({100'000}), Error);
  EXPECT_THROW(tokenizer.decode({-1}), Error);
}

TEST(ClipTokenizer, RefusesVocabulariesWithoutSpecialTokens) {
  const ClipVocabulary vocabulary = read_open_clip_merges(read_clip_text("merges.txt"));
  EXPECT_THROW(ClipTokenizer{vocabulary}, Error);  // transformers' names
  ClipTokenizerConfig config = open_clip_tokenizer_config();
  config.pad_token = "<pad>";
  EXPECT_THROW(ClipTokenizer(vocabulary, config), Error);
  config = open_clip_tokenizer_config();
  config.context_length = 1;
  EXPECT_THROW(ClipTokenizer(vocabulary, config), Error);
  config.context_length = 2;
  EXPECT_EQ(ClipTokenizer(vocabulary, config).encode_one("x").size(), 2U);
}

TEST(ClipTokenizer, GivesTheEndTokenForBytesWithoutASymbol) {
  auto vocab = read_clip_json("vocab.json");
  vocab.erase("7</w>");
  const ClipTokenizer tokenizer(read_vocab_and_merges(vocab, ""));
  EXPECT_EQ(tokenizer.encode_one("7"),
            (Ids{tokenizer.start_id(), tokenizer.end_id(), tokenizer.end_id()}));
}

}  // namespace
}  // namespace mezzotint
