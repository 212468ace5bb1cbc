#include "mezzotint/io/palette.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "tests/io/color_distance.h"
#include "tests/io/random_image.h"
#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

/// Mean squared distance of the pixels from the nearest colours, found one by one.
double error_of(const Image& rgb, const std::vector<PackedColor>& palette) {
  double sum = 0;
  for (size_t i = 0; i < rgb.pixels.size(); i += 3) {
    int best = 1 << 30;
    for (const PackedColor color : palette)
      best = std::min(best, squared_distance(color, pack_color(&rgb.pixels[i])));
    sum += best;
  }
  return sum / (static_cast<double>(rgb.pixels.size()) / 3);
}

/// 8 reds, 8 greens and 4 blues: the palette of those who don't look at the picture.
std::vector<PackedColor> fixed_palette() {
  std::vector<PackedColor> palette;
  for (PackedColor i = 0; i < 256; ++i)
    palette.push_back((i >> 5U) * 255 / 7 << 16U | (i >> 2U & 7U) * 255 / 7 << 8U |
                      (i & 3U) * 255 / 3);
  return palette;
}

TEST(Palette, KeepsThePicturesOwnColoursWhereTheyAreFew) {
  Image rgb{.width = 256, .height = 2, .channels = 3};
  std::set<PackedColor> own;
  for (int i = 0; i < 512; ++i) {
    const auto value = static_cast<uint8_t>(i);
    rgb.pixels.insert(rgb.pixels.end(), {value, 7, static_cast<uint8_t>(255 - value)});
    own.insert(pack_color(&rgb.pixels[rgb.pixels.size() - 3]));
  }
  const std::vector<PackedColor> palette = choose_palette(rgb, 256);
  EXPECT_EQ(palette.size(), 256);
  EXPECT_EQ(std::set<PackedColor>(palette.begin(), palette.end()), own);
  EXPECT_EQ(choose_palette(rgb, 255).size(), 255);
}

TEST(Palette, IsNearerToThePictureThanAFixedOne) {
  const Image noise = random_image(64, 64, 3, 1);
  const double fixed = error_of(noise, fixed_palette());
  EXPECT_LT(error_of(noise, choose_palette(noise, 256)), 0.7 * fixed);
  Image dark = noise;  // a corner of the cube
  for (uint8_t& value : dark.pixels) value = static_cast<uint8_t>(value / 4);
  EXPECT_LT(error_of(dark, choose_palette(dark, 256)), 0.05 * error_of(dark, fixed_palette()));
}

TEST(Palette, OfOneOrTwoColoursIsTheBestThatThereIs) {
  const Image rgb{.width = 4,
                  .height = 1,
                  .channels = 3,
                  .pixels = {0, 0, 0, 10, 0, 2, 200, 10, 90, 210, 20, 100}};
  EXPECT_EQ(choose_palette(rgb, 1), std::vector<PackedColor>{0x690830});
  std::vector<PackedColor> two = choose_palette(rgb, 2);
  std::ranges::sort(two);
  EXPECT_EQ(two, (std::vector<PackedColor>{0x050001, 0xcd0f5f}));
}

TEST(Palette, KeepsABackgroundExactly) {
  Image rgb = random_image(64, 64, 3, 2);
  std::fill_n(rgb.pixels.begin(), rgb.pixels.size() / 2, uint8_t{251});
  const std::vector<PackedColor> palette = choose_palette(rgb, 256);
  EXPECT_NE(std::ranges::find(palette, PackedColor{0xfbfbfb}), palette.end());
}

TEST(Palette, RefusesWhatIsNoPicture) {
  EXPECT_NE(message_of(
                [] { choose_palette({.width = 1, .height = 1, .channels = 1, .pixels = {0}}, 2); }),
            "");
  EXPECT_NE(message_of([] { choose_palette(random_image(2, 2, 3, 0), 257); }), "");
}

}  // namespace
}  // namespace mezzotint
