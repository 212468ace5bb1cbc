#include "mezzotint/data/captions.h"

#include <fstream>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

#include "tests/data/scratch_folder.h"

namespace mezzotint {
namespace {

class ReadCaptions : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name) << text;
  }
  std::string refusal(const std::string& metadata) const {
    write("metadata.jsonl", metadata);
    try {
      read_captions(folder_.path());
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  testing::ScratchFolder folder_;
};

TEST_F(ReadCaptions, ReadsALineForEachPicture) {
  write("0.png", "");
  write("1.png", "");
  write(
      "metadata.jsonl",
      R"({"file_name": "1.png", "text": "red heart", "keywords": ["love"], "held_out": ["valentine"],
 "translations": {"fr": ["coeur rouge"], "de": ["rotes Herz", "Liebe"]}, "group": "Smileys", "codepoints": "2764"})"
      "\n\n"
      R"({"file_name": "0.png", "text": "dog"})");
  // A line broken in two isn't JSON lines.
  EXPECT_THROW(read_captions(folder_.path()), Error);
  write(
      "metadata.jsonl",
      R"({"file_name": "1.png", "text": "red heart", "keywords": ["love"], "held_out": ["valentine"], "translations": {"fr": ["coeur rouge"], "de": ["rotes Herz", "Liebe"]}, "group": "Smileys", "codepoints": "2764"})"
      "\n\n"
      R"({"file_name": "0.png", "text": "dog"})");
  const auto pictures = read_captions(folder_.path());
  ASSERT_EQ(pictures.size(), 2u);
  EXPECT_EQ(pictures[0].file, "1.png");
  EXPECT_EQ(pictures[0].text, "red heart");
  EXPECT_EQ(pictures[0].held_out, (std::vector<std::string>{"valentine"}));
  EXPECT_EQ(pictures[0].translations,
            (std::vector<std::string>{"rotes Herz", "Liebe", "coeur rouge"}));
  EXPECT_EQ(pictures[0].groups, (std::vector<std::string>{"Smileys"}));
  EXPECT_TRUE(pictures[1].keywords.empty());
}

TEST_F(ReadCaptions, SaysWhatIsWrong) {
  write("0.png", "");
  EXPECT_NE(refusal("").find("has no lines"), std::string::npos);
  EXPECT_NE(refusal("{").find("metadata.jsonl:1"), std::string::npos);
  EXPECT_NE(refusal(R"({"text": "a"})").find("file_name: is missing"), std::string::npos);
  EXPECT_NE(refusal(R"({"file_name": "0.png"})").find("text: is missing"), std::string::npos);
  EXPECT_NE(refusal(R"({"file_name": "9.png", "text": "a"})").find("there is no"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"file_name": "../0.png", "text": "a"})").find("leads out of"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"file_name": "/etc/passwd", "text": "a"})").find("leads out of"),
            std::string::npos);
  EXPECT_NE(refusal("{\"file_name\": \"0.png\", \"text\": \"a\"}\n"
                    R"({"file_name": "0.png", "text": "a", "keywords": "b"})")
                .find("metadata.jsonl:2: keywords: got 'b', wanted a list"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"file_name": "0.png", "text": "a", "translations": ["b"]})")
                .find("wanted an object"),
            std::string::npos);
  const testing::ScratchFolder empty;
  EXPECT_THROW(read_captions(empty.path()), Error);
}

TEST_F(ReadCaptions, TheThesaurusMayBeAbsent) {
  EXPECT_TRUE(read_thesaurus(folder_.path()).empty());
  write(
      "thesaurus.jsonl",
      R"({"words": ["car", "auto"], "counts": [71, 0], "definition": "a vehicle", "distance": 0, "related": [1]})"
      "\n"
      R"({"words": ["vehicle"], "counts": [3], "distance": 1})");
  const auto meanings = read_thesaurus(folder_.path());
  ASSERT_EQ(meanings.size(), 2u);
  EXPECT_EQ(meanings[0].words[1], "auto");
  EXPECT_EQ(meanings[0].related, (std::vector<int64_t>{1}));
  EXPECT_EQ(meanings[1].definition, "");
  for (const char* wrong : {R"({"words": [], "counts": []})", R"({"words": ["a"], "counts": []})",
                            R"({"words": ["a"], "counts": [1], "related": [1]})",
                            R"({"words": ["a"], "counts": [1], "related": [-1]})"}) {
    write("thesaurus.jsonl", wrong);
    EXPECT_THROW(read_thesaurus(folder_.path()), Error) << wrong;
  }
}

}  // namespace
}  // namespace mezzotint
