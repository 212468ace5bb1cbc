#include "mezzotint/models/unicode_text.h"

#include <string>

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

TEST(UnicodeText, ReplacesWhatIsNotUtf8AsPythonDoes) {
  EXPECT_EQ(decode_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), U"a\u00E9\u20AC\U0001F600");
  EXPECT_EQ(decode_utf8("\xFF\x80x"), U"\uFFFD\uFFFDx");
  EXPECT_EQ(decode_utf8("\xE2\x82"), U"\uFFFD");  // begins a character
  EXPECT_EQ(decode_utf8("\xE2\x28\xA1"), U"\uFFFD(\uFFFD");
  EXPECT_EQ(decode_utf8("\xC0\xAF"), U"\uFFFD\uFFFD");  // overlong
  EXPECT_EQ(decode_utf8("\xE0\x80\x80"), U"\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(decode_utf8("\xF4\x90\x80\x80"), U"\uFFFD\uFFFD\uFFFD\uFFFD");  // above U+10FFFF
  EXPECT_EQ(decode_utf8("\xF0\x9F\x98x"), U"\uFFFDx");
  EXPECT_EQ(decode_utf8("\xED\xA0\xBD"), U"\uFFFD\uFFFD\uFFFD");  // half a pair
  EXPECT_EQ(decode_utf8("\xED\xB8\x80\xED\xA0\xBD"), std::u32string(6, 0xFFFD));
  EXPECT_EQ(decode_utf8("\xED\xA0\xBD\xED\xB8\x80"), U"\U0001F600");
}

TEST(UnicodeText, WritesWhatItRead) {
  const std::string text("\0 \x7F\u0080\u07FF\u0800\uFFFF\U00010000\U0010FFFF", 21);
  EXPECT_EQ(encode_utf8(decode_utf8(text)), text);
}

TEST(UnicodeText, ComposesAfterSortingMarks) {
  EXPECT_EQ(to_nfc(U"e\u0301 a\u0302\u0323 \u1100\u1161\u11A8 \u0344 \u2126"),
            U"\u00E9 \u1EAD \uAC01 \u0308\u0301 \u03A9");
  EXPECT_EQ(to_nfc(U"plain \u00E9"), U"plain \u00E9");
}

TEST(UnicodeText, LowersSigmaByItsPlaceInTheWord) {
  EXPECT_EQ(to_lower(U"\u039F\u03A3 \u03A3 \u03A3\u0391\u03A3. \u0391\u03A3'\u0391 \u0391'\u03A3"),
            U"\u03BF\u03C2 \u03C3 \u03C3\u03B1\u03C2. \u03B1\u03C3'\u03B1 \u03B1'\u03C2");
  EXPECT_EQ(to_lower_each(U"\u039F\u03A3"), U"\u03BF\u03C3");
  EXPECT_EQ(to_lower(U"\u0130I\u00DF"), U"i\u0307i\u00DF");
}

TEST(UnicodeText, StripsWhatPythonStrips) {
  EXPECT_EQ(strip(U"\x1C \u3000a b\u2028\n"), U"a b");
  EXPECT_EQ(strip(U" \t"), U"");
  EXPECT_FALSE(is_white_space(0x1C));
  EXPECT_FALSE(is_python_space(0x180E) || is_python_space(0x200B));
}

}  // namespace
}  // namespace mezzotint
