#include "mezzotint/io/pattern_dither.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "mezzotint/io/nearest_color.h"

#include "tests/io/random_image.h"

namespace mezzotint {
namespace {

Image filled(int width, int height, PackedColor color) {
  Image rgb{.width = width, .height = height, .channels = 3};
  for (int i = 0; i < width * height; ++i)
    for (int c = 0; c < 3; ++c) rgb.pixels.push_back(static_cast<uint8_t>(color_channel(color, c)));
  return rgb;
}

TEST(PatternDither, TakesColoursOfThePaletteAsTheyAre) {
  const std::vector<PackedColor> palette = {0x000000, 0x808080, 0x818181, 0xffffff};
  for (size_t i = 0; i < palette.size(); ++i)
    for (const uint8_t index : pattern_dither(filled(4, 4, palette[i]), palette))
      EXPECT_EQ(index, i);
}

// A quarter, a half and three quarters of white in each square of 2 x 2.
TEST(PatternDither, MixesWhatThePaletteLacks) {
  const std::vector<PackedColor> palette = {0xffffff, 0x000000};
  for (const auto& [color, whites] : {std::pair{0x404040U, 1}, {0x808080U, 2}, {0xc0c0c0U, 3}}) {
    const std::vector<uint8_t> indices = pattern_dither(filled(6, 4, color), palette);
    for (const int corner : {0, 2, 4, 12, 14, 16})
      EXPECT_EQ((indices[corner] == 0) + (indices[corner + 1] == 0) + (indices[corner + 6] == 0) +
                    (indices[corner + 7] == 0),
                whites);
  }
}

TEST(PatternDither, MeansComeNearToTheColour) {
  const Image colors = random_image(8, 1, 3, 5);
  const std::vector<PackedColor> palette = choose_palette(random_image(64, 64, 3, 6), 64);
  double plain = 0, dithered = 0;
  for (size_t i = 0; i < 8; ++i) {
    const PackedColor color = pack_color(&colors.pixels[3 * i]);
    const std::vector<uint8_t> indices = pattern_dither(filled(2, 2, color), palette);
    for (int c = 0; c < 3; ++c) {
      double sum = 0;
      for (const uint8_t index : indices) sum += color_channel(palette[index], c);
      dithered += std::abs(sum / 4 - color_channel(color, c));
      // The nearest colour alone is what the first candidate is.
      plain += std::abs(
          color_channel(
              palette[NearestColor(palette)(
                  {color_channel(color, 0), color_channel(color, 1), color_channel(color, 2)})],
              c) -
          color_channel(color, c));
    }
  }
  EXPECT_LT(dithered, plain / 2);
}

TEST(PatternDither, WhatStandsStillStaysAsItIs) {
  const std::vector<PackedColor> palette = choose_palette(random_image(64, 64, 3, 7), 16);
  const Image before = random_image(16, 16, 3, 8);
  Image after = random_image(16, 16, 3, 9);
  std::copy_n(before.pixels.begin() + 5 * 16 * 3, 11 * 16 * 3, after.pixels.begin() + 5 * 16 * 3);
  const std::vector<uint8_t> a = pattern_dither(before, palette),
                             b = pattern_dither(after, palette);
  EXPECT_NE(a, b);
  EXPECT_TRUE(std::equal(a.begin() + 5 * 16, a.end(), b.begin() + 5 * 16));
}

}  // namespace
}  // namespace mezzotint
