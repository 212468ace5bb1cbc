#include "mezzotint/models/text_pattern.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

std::vector<std::string> matches(const TextPattern& pattern, const std::string& text) {
  std::vector<std::string> found;
  pattern.each_match(text, [&](size_t begin, size_t end) {
    found.push_back(text.substr(begin, end - begin));
    return found.size() < 3;
  });
  return found;
}

TEST(TextPattern, FindsMatchesUntilToldToStop) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(matches(TextPattern(R"(\p{L}+)"), "a \u00E9\u4E2D, b c d"),
            Words({"a", "\u00E9\u4E2D", "b"}));
  EXPECT_EQ(matches(TextPattern("'S", TextPattern::Case::kIgnored), "'s'\u017F"),
            Words({"'s", "'\u017F"}));
  EXPECT_EQ(matches(TextPattern("[^x]"), std::string("\0x\0", 3)).size(), 2U);
  EXPECT_TRUE(matches(TextPattern("x"), "").empty());
}

TEST(TextPattern, SaysWhereItIsWrong) {
  EXPECT_THROW(TextPattern("(a"), Error);
  EXPECT_THROW(matches(TextPattern("(a+)+$"), std::string(40, 'a') + "b"), Error);
}

}  // namespace
}  // namespace mezzotint
