#include "mezzotint/report/html.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/report/data_uri.h"

namespace mezzotint {
namespace {

const std::string kPng = std::string("\x89PNG\r\n\x1a\n", 8) + "pretend pixels";
const std::string kSvg = R"(<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>)";

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string error_of(const auto& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Base64, EqualsTheExamplesOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
}

TEST(PictureUri, KnowsAPictureByItsFirstBytes) {
  EXPECT_TRUE(picture_uri(kPng, "").starts_with("data:image/png;base64,iVBORw0KGg"));
  EXPECT_TRUE(picture_uri(kSvg, "").starts_with("data:image/svg+xml;base64,"));
  EXPECT_TRUE(picture_uri("\xff\xd8\xff\xe0 a jpeg file", "").starts_with("data:image/jpeg;"));
  EXPECT_TRUE(picture_uri("RIFF....WEBPVP8 ", "").starts_with("data:image/webp;"));
  EXPECT_EQ(error_of([] { picture_uri("<html><body>no picture</body></html>", "a.png"); }),
            "a.png: not a PNG, JPEG, WebP or SVG picture");
}

TEST(RenderHtml, TakesAllTextAsText) {
  const std::string evil = "<script>alert('x' & \"y\")</script>";
  const std::string safe = "&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)&lt;/script&gt;";
  const Report report{evil, evil, {{evil, {evil}, {{kPng, evil}}, {{evil}, {{evil}}}, {evil}}}};
  const std::string page = render_html(report);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  // title and h1, lead, h2, p, alt and caption, th, td, pre
  EXPECT_EQ(count(page, safe), 10U);
}

TEST(RenderHtml, NeedsNothingBesideIt) {
  const Report report{"T", "", {{"S", {}, {{kPng, "a"}, {kSvg, "b"}}, {}, {}}}};
  const std::string page = render_html(report);
  EXPECT_EQ(count(page, "<img "), 2U);
  EXPECT_EQ(count(page, "src=\"data:image/"), 2U);
  for (const char* outside : {"http:", "https:", "url(", "<link", "@import"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
}

TEST(RenderHtml, LeavesOutWhatIsEmpty) {
  const std::string page = render_html({"T", "", {{"S", {}, {}, {}, {}}}});
  for (const char* tag : {"<figure", "<table", "<pre", "<p>", "<p "})
    EXPECT_EQ(page.find(tag), std::string::npos) << tag;
}

TEST(RenderHtml, ClosesWhatItOpens) {
  const Report report{
      "T", "lead", {{"S", {"p"}, {{kPng, "a"}}, {{"x", "y"}, {{"1", "2"}}}, {"run this"}}}};
  const std::string page = render_html(report);
  for (const std::string tag :
       {"html", "head", "body", "header", "main", "section", "h1", "h2", "p", "div", "figure",
        "figcaption", "table", "tr", "th", "td", "pre"})
    EXPECT_EQ(count(page, "<" + tag + ">") + count(page, "<" + tag + " "),
              count(page, "</" + tag + ">"))
        << tag;
}

TEST(RenderHtml, RefusesARowThatDoesNotFit) {
  const Report report{"T", "", {{"Times", {}, {}, {{"a", "b"}, {{"1"}}}, {}}}};
  EXPECT_EQ(error_of([&] { render_html(report); }),
            "table of 'Times': a row has 1 cells, wanted 2");
}

}  // namespace
}  // namespace mezzotint
