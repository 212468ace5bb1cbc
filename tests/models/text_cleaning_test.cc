#include "mezzotint/models/text_cleaning.h"

#include <string>

#include <gtest/gtest.h>

#include "mezzotint/models/fix_text.h"

#include "tests/models/clip_fixture.h"

namespace mezzotint {
namespace {

TEST(TextCleaning, IsOpenClips) {
  int changed = 0;
  const auto cases = testing::read_clip_json("expected.json")["cases"];
  for (const auto& test : cases) {
    const auto text = test["text"].get<std::string>();
    const auto cleaned = test.value("cleaned", text);
    EXPECT_EQ(clean_like_open_clip(text), cleaned) << test["text"];
    changed += cleaned != text;
  }
  EXPECT_GT(changed, 50);
}

TEST(TextCleaning, IsTransformers) {
  EXPECT_EQ(clean_like_transformers(" E\u0301\t\u2003X &amp; \u03A3 \u0130 \x1C"),
            " \u00E9 x &amp; \u03C3 i\u0307 \x1C");
  EXPECT_EQ(clean_like_transformers(""), "");
}

TEST(FixText, KeepsReferencesFromTheFirstLineWithATagOn) {
  EXPECT_EQ(fix_text(U"&eacute;\n<b>&eacute;\n&eacute;"), U"\u00E9\n<b>&eacute;\n&eacute;");
  EXPECT_EQ(fix_text(U"&lt;&amp;amp;"), U"<&");  // a tag that was a reference doesn't count
}

TEST(FixText, EndsWithReferencesNestedTooDeep) {
  std::u32string nested = U"&";
  for (int i = 0; i < 1000; ++i) nested += U"amp;";
  const std::u32string fixed = fix_text(nested);
  EXPECT_EQ(fixed, U"&" + nested.substr(1 + 4 * 64));
}

TEST(FixText, LeavesWronglyDecodedTextAsItIs) {
  EXPECT_EQ(fix_text(U"caf\u00C3\u00A9"), U"caf\u00C3\u00A9");  // ftfy: café
}

}  // namespace
}  // namespace mezzotint
