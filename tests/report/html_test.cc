#include "mezzotint/report/html.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/sha256.h"
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

TEST(RenderHtml, TimelineHasAllPicturesAndASlider) {
  ReportSection section{"S", {}, {}, {}, {}};
  section.timeline = {{{0, "before", kPng, kPng}, {100, "after <100>", kPng, ""}}, "one", "two"};
  const std::string page = render_html({"T", "", {section}});
  EXPECT_EQ(count(page, "<img "), 3U);
  EXPECT_EQ(count(page, "<figure class=\"frame\""), 2U);
  EXPECT_NE(page.find("data-at=\"100\""), std::string::npos);
  EXPECT_NE(page.find("max=\"1\""), std::string::npos);
  EXPECT_NE(page.find("alt=\"samples of the two, before\""), std::string::npos);
  EXPECT_NE(page.find("after &lt;100&gt;"), std::string::npos);
  EXPECT_EQ(count(page, "<script>"), 1U);
}

/// The policy lets the page's own script run and no other: its hash is that of the script.
TEST(RenderHtml, PolicyNamesTheScriptByItsHash) {
  Report report{"T", "", {}};
  EXPECT_EQ(render_html(report).find("script-src"), std::string::npos);
  report.state = ReportState{.name = "running", .refresh_s = 20};
  const std::string page = render_html(report);
  const size_t begin = page.find("<script>") + 8, end = page.find("</script>");
  const std::string hex = sha256(std::string_view(page).substr(begin, end - begin));
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  EXPECT_NE(page.find("script-src 'sha256-" + base64(bytes) + "'"), std::string::npos);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

TEST(RenderHtml, OnlyAPageOfWhatRunsLoadsItselfAnew) {
  Report report{"T", "", {}};
  report.state = ReportState{"done", "all of it", 1.5, 1'700'000'000, 0};
  const std::string done = render_html(report);
  EXPECT_EQ(done.find("http-equiv=\"refresh\""), std::string::npos);
  EXPECT_EQ(done.find("<script"), std::string::npos);
  EXPECT_NE(done.find("<strong>done</strong>: all of it"), std::string::npos);
  EXPECT_NE(done.find("datetime=\"2023-11-14T22:13:20Z\""), std::string::npos);
  EXPECT_NE(done.find("value=\"1\""), std::string::npos);
  report.state->refresh_s = 30;
  EXPECT_NE(render_html(report).find("http-equiv=\"refresh\" content=\"30\""), std::string::npos);
}

TEST(RenderHtml, LinksAreRelativeAndText) {
  ReportSection section{"S", {}, {}, {}, {}};
  section.links = {{"metrics.jsonl", "a & b"}, {"\"x", ""}};
  const std::string page = render_html({"T", "", {section}});
  EXPECT_NE(page.find("<a href=\"metrics.jsonl\">metrics.jsonl</a> a &amp; b"), std::string::npos);
  EXPECT_NE(page.find("href=\"&quot;x\""), std::string::npos);
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
