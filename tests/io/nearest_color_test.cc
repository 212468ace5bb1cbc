#include "mezzotint/io/nearest_color.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/io/color_distance.h"
#include "tests/io/random_image.h"

namespace mezzotint {
namespace {

TEST(NearestColor, IsTheFirstOfTheNearest) {
  for (const size_t size : {1, 2, 255, 256}) {
    std::vector<PackedColor> palette;
    const Image colors = random_image(static_cast<int>(size), 1, 3, 3);
    for (size_t i = 0; i < size; ++i) palette.push_back(pack_color(&colors.pixels[3 * i]));
    palette.back() = palette.front();  // two that are equally near
    const NearestColor nearest(palette);
    const Image points = random_image(500, 1, 3, 4);
    for (size_t i = 0; i < 500; ++i) {
      const PackedColor point = pack_color(&points.pixels[3 * i]);
      const auto wanted = std::ranges::min_element(
          palette, {}, [&](PackedColor color) { return squared_distance(color, point); });
      EXPECT_EQ(
          nearest({color_channel(point, 0), color_channel(point, 1), color_channel(point, 2)}),
          wanted - palette.begin());
    }
  }
  EXPECT_EQ(NearestColor({0x000000, 0xffffff})({-700, 300, -700}), 0);
  EXPECT_EQ(NearestColor({0x000000, 0xffffff})({900, 900, 900}), 1);
}

}  // namespace
}  // namespace mezzotint
