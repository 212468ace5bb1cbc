#include "mezzotint/models/html_entities.h"

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mezzotint/models/unicode_text.h"

#include "tests/models/clip_fixture.h"

namespace mezzotint {
namespace {

/// zlib.crc32, as the fixture has it.
uint32_t crc32_of(const std::string& bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ (0xEDB88320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  std::istringstream entries(kHtmlEntityNames);
  for (std::string entry; entries >> entry;)
    names.push_back(entry.substr(0, entry.find_first_of(";,")));
  std::ranges::sort(names);
  return names;
}

std::string capitals(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

TEST(HtmlEntities, EveryNameIsPythons) {
  const auto expected = testing::read_clip_json("expected.json")["entities"];
  std::string html, ftfy;
  for (const std::string& name : names()) {
    const std::string text = "&" + name + ";&" + name + " ";
    const std::string careful = "&" + name + ";&" + capitals(name) + ";";
    html += (html.empty() ? "" : "\n") + encode_utf8(unescape_html(decode_utf8(text)));
    ftfy += (ftfy.empty() ? "" : "\n") + encode_utf8(unescape_html_carefully(decode_utf8(careful)));
  }
  EXPECT_EQ(names().size(), expected["count"].get<size_t>());
  EXPECT_EQ(crc32_of(html), expected["html"].get<uint32_t>());
  EXPECT_EQ(crc32_of(ftfy), expected["ftfy"].get<uint32_t>());
}

TEST(HtmlEntities, AReferenceMayBeUnfinished) {
  EXPECT_EQ(unescape_html(U"&notit; &notin; &amp &ampx"), U"\u00ACit; \u2209 & &x");
  EXPECT_EQ(unescape_html(U"& &; &# &#; &#x; &#65 &#X41z"), U"& &; &# &#; &#x; A Az");
  EXPECT_EQ(unescape_html(U"&"), U"&");
  EXPECT_EQ(unescape_html_carefully(U"&amp &notit; &amp;amp; &"), U"&amp &notit; &amp; &");
}

TEST(HtmlEntities, WrongNumbersAreAsHtmlHasThem) {
  EXPECT_EQ(unescape_html(U"&#0;&#128;&#xD800;&#1114112;&#1;&#x1FFFE;x"),
            U"\uFFFD\u20AC\uFFFD\uFFFDx");
  EXPECT_EQ(unescape_html(U"&#" + std::u32string(5000, '9') + U";"), U"\uFFFD");
  EXPECT_EQ(unescape_html_carefully(U"&#59; &#12ab; &#1;&#65;"), U"&#59; &#12ab; A");
}

}  // namespace
}  // namespace mezzotint
