#include "mezzotint/report/preview_pair.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

Image filled(int width, int height, int channels, uint8_t value) {
  const size_t count = static_cast<size_t>(width) * height * channels;
  return {width, height, channels, std::vector<uint8_t>(count, value), {}};
}

TEST(PreviewPair, HoldsBothPicturesEnlargedUnderTheirTitles) {
  const Image pair = preview_pair(filled(32, 16, 1, 10), "current x", filled(64, 64, 3, 200), "x0");
  ASSERT_EQ(pair.channels, 3);
  EXPECT_EQ(pair.width, 192 + 192 + 3 * 8);
  EXPECT_EQ(pair.height, 192 + 22 + 8);
  const auto at = [&](int x, int y) { return pair.pixels[(size_t(y) * pair.width + x) * 3]; };
  EXPECT_EQ(at(8, 22), 10);
  EXPECT_EQ(at(8 + 191, 22 + 95), 10);
  EXPECT_EQ(at(8, 22 + 96), 255);  // below the smaller picture
  EXPECT_EQ(at(8 + 192 + 8, 22), 200);
  EXPECT_EQ(at(8 + 192, 22), 255);  // between the two
  bool title = false;
  for (int x = 0; x < 100; ++x)
    for (int y = 0; y < 22; ++y) title = title || at(x, y) < 128;
  EXPECT_TRUE(title);
}

TEST(PreviewPair, PutsLongRowsOneBelowTheOther) {
  const Image pair =
      preview_pair(filled(100, 30, 1, 10), "current x", filled(100, 30, 1, 200), "x0");
  EXPECT_EQ(pair.width, 400 + 2 * 8);
  EXPECT_EQ(pair.height, 2 * (22 + 120) + 8);
  const auto at = [&](int x, int y) { return pair.pixels[(size_t(y) * pair.width + x) * 3]; };
  EXPECT_EQ(at(8 + 399, 22 + 119), 10);
  EXPECT_EQ(at(8, 22 + 120), 255);
  EXPECT_EQ(at(8, 22 + 120 + 22), 200);
  EXPECT_EQ(at(8 + 399, 22 + 120 + 22 + 119), 200);
}

}  // namespace
}  // namespace mezzotint
