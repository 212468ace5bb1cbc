#include "mezzotint/models/clip_vocabulary.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

#include "tests/models/clip_fixture.h"

namespace mezzotint {
namespace {

using nlohmann::json;
using testing::read_clip_json;
using testing::read_clip_text;

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ClipVocabulary, IsTheSameInEveryForm) {
  const ClipVocabulary files =
      read_vocab_and_merges(read_clip_json("vocab.json"), read_clip_text("merges.txt"));
  const ClipVocabulary one = read_tokenizer_json(read_clip_json("tokenizer.json"));
  ClipVocabulary open_clip = read_open_clip_merges(read_clip_text("merges.txt"));
  EXPECT_EQ(one.ids, files.ids);
  EXPECT_EQ(one.merges, files.merges);
  EXPECT_EQ(open_clip.merges, files.merges);
  for (const auto& [from, to] : {std::pair("<start_of_text>", "<|startoftext|>"),
                                 std::pair("<end_of_text>", "<|endoftext|>")}) {
    open_clip.ids[to] = open_clip.ids.at(from);
    open_clip.ids.erase(from);
  }
  EXPECT_EQ(open_clip.ids, files.ids);
}

TEST(ClipVocabulary, AnEmptyLineTakesAnIdOfOpenClips) {
  const ClipVocabulary vocabulary = read_open_clip_merges(read_clip_text("merges.txt") + "\n");
  const auto special = read_clip_json("expected.json")["special"]["open_clip_newline"];
  EXPECT_EQ(vocabulary.ids.at("<start_of_text>"), special[0].get<int64_t>());
  EXPECT_EQ(vocabulary.ids.at("<end_of_text>"), special[1].get<int64_t>());
}

TEST(ClipVocabulary, OpenClipsMergesEndAfter48894) {
  std::string text = "header\n";
  for (int i = 0; i < 50'000; ++i) text += "a b\r\n";
  const ClipVocabulary vocabulary = read_open_clip_merges(text);
  EXPECT_EQ(vocabulary.merges.size(), 48894U);
  EXPECT_EQ(vocabulary.ids.at("<end_of_text>"), 49407);
  EXPECT_EQ(vocabulary.ids.at("ab"), 49405);  // of a merge given twice, the later id counts
}

TEST(ClipVocabulary, ReadsMergesAsTextAndAsPairs) {
  json file = read_clip_json("tokenizer.json");
  const ClipVocabulary pairs = read_tokenizer_json(file);
  for (auto& merge : file["model"]["merges"])
    merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
  EXPECT_EQ(read_tokenizer_json(file).merges, pairs.merges);
}

TEST(ClipVocabulary, ReadsAddedTokensThatTheModelDoesNotHave) {
  json file = read_clip_json("tokenizer.json");
  file["added_tokens"].push_back({{"id", 5000}, {"content", "<pad>"}});
  EXPECT_EQ(read_tokenizer_json(file).ids.at("<pad>"), 5000);
}

TEST(ClipVocabulary, SaysWhatIsWrongInVocabJson) {
  const auto read = [](const json& vocab) {
    return message_of([&] { read_vocab_and_merges(vocab, ""); });
  };
  EXPECT_EQ(read({{"a", 1}, {"b", 1}}), R"(vocab.json: id 1 is both "a" and "b")");
  EXPECT_EQ(read({{"a", -1}}),
            R"(vocab.json: "a": got -1, wanted an id: a whole number from 0 to 2147483647)");
  EXPECT_NE(read({{"a", 1.5}}).find("got 1.5"), std::string::npos);
  EXPECT_NE(read({{"a", "1"}}).find("got string"), std::string::npos);
  EXPECT_NE(read({{"a", 18446744073709551615U}}).find("wanted an id"), std::string::npos);
  EXPECT_EQ(read(json::parse(R"({"a\n": null})")).find(R"(vocab.json: "a\n": got null, wanted)"),
            0U);
  EXPECT_NE(read(json::array({1})).find("got array"), std::string::npos);
  EXPECT_NE(read(json::object()).find("without tokens"), std::string::npos);
}

TEST(ClipVocabulary, SaysWhichMergeIsWrong) {
  const json vocab = {{"a", 0}};
  for (const char* line : {"a", "a b c", " a", "a ", "a  b"})
    EXPECT_EQ(message_of([&] {
                read_vocab_and_merges(vocab, std::string("#version: 0.2\n") + line);
              }).find("merges.txt:2: got"),
              0U)
        << line;
  EXPECT_EQ(message_of([] { read_open_clip_merges("header\na b\nab\n"); }),
            R"(merges:3: got "ab", wanted two symbols with a space between them)");
}

TEST(ClipVocabulary, RefusesATokenizerJsonOfAnotherKind) {
  const json good = read_clip_json("tokenizer.json");
  const auto refused = [&](const char* pointer, const json& value) {
    json file = good;
    file[json::json_pointer(pointer)] = value;
    return message_of([&] { read_tokenizer_json(file); }).starts_with("tokenizer.json: ");
  };
  EXPECT_TRUE(refused("/model", 1));
  EXPECT_TRUE(refused("/model/type", "Unigram"));
  EXPECT_TRUE(refused("/model/end_of_word_suffix", nullptr));
  EXPECT_TRUE(refused("/model/vocab", json::array()));
  EXPECT_TRUE(refused("/model/merges", "a b"));
  EXPECT_TRUE(refused("/model/merges/0", json::array({"a"})));
  EXPECT_TRUE(refused("/model/merges/0", json::array({"a", 1})));
  EXPECT_TRUE(refused("/model/merges/0", "ab"));
  EXPECT_TRUE(refused("/added_tokens", 3));
  EXPECT_TRUE(refused("/added_tokens/0", json::object()));
  EXPECT_TRUE(refused("/added_tokens/0/id", 7));
  EXPECT_THROW(read_tokenizer_json(json::array()), Error);
}

}  // namespace
}  // namespace mezzotint
