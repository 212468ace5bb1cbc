#include "mezzotint/data/resample.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/data/channels.h"

#include "tests/pam.h"

namespace mezzotint {
namespace {

using testing::max_difference;
using testing::read_pams;

// tools/reference/images.py writes these: one source, and what Pillow's resize makes of it.
std::vector<Image> pams(const std::string& name) {
  return read_pams(std::string(MEZZOTINT_TEST_DATA) + "/data/data/" + name + ".pam");
}

Image opaque_source() {
  Image source = pams("source").at(0), rgb = {source.width, source.height, 3, {}, {}, {}};
  for (size_t i = 0; i < source.pixels.size(); ++i)
    if (i % 4 != 3) rgb.pixels.push_back(source.pixels[i]);
  return rgb;
}

class Resize : public ::testing::TestWithParam<const char*> {};

TEST_P(Resize, EqualsPillowInEveryBit) {
  const Image source = opaque_source();
  const std::vector<Image> sizes = pams(GetParam());
  EXPECT_EQ(sizes.size(), 8u);
  for (const Image& expected : sizes) {
    const Image got = resize(source, expected.width, expected.height, filter_from_name(GetParam()));
    EXPECT_EQ(max_difference(got, expected), 0) << expected.width << " x " << expected.height;
  }
}

INSTANTIATE_TEST_SUITE_P(Filters, Resize,
                         ::testing::Values("nearest", "box", "bilinear", "bicubic", "lanczos"),
                         [](const auto& info) { return std::string(info.param); });

TEST(ResizeErrors, NamesTheProblem) {
  const Image one = {1, 1, 1, {7}, {}, {}};
  EXPECT_THROW(resize(one, 0, 4, Filter::kBilinear), Error);
  EXPECT_THROW(resize({}, 4, 4, Filter::kBilinear), Error);
  EXPECT_THROW(resize({2, 2, 1, {7}, {}, {}}, 4, 4, Filter::kBilinear), Error);
  EXPECT_THROW(resize(one, 1 << 20, 1 << 20, Filter::kNearest), Error);
  try {
    filter_from_name("bilinaer");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'bilinear'"), std::string::npos);
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  }
}

TEST(Color, LumaEqualsPillow) {
  EXPECT_EQ(max_difference(with_channels(opaque_source(), 1, {}), pams("grey").at(0)), 0);
}

TEST(Color, TransparentPixelsShowTheBackground) {
  const Image got = with_channels(pams("source").at(0), 3, parse_color("#3366cc"));
  EXPECT_EQ(max_difference(got, pams("on_background").at(0)), 0);
}

TEST(Color, GreyWithAlpha) {
  const Image grey_alpha = {2, 1, 2, {100, 255, 100, 0}, {}, {}};
  EXPECT_EQ(with_channels(grey_alpha, 3, {1, 2, 3}).pixels,
            (std::vector<uint8_t>{100, 100, 100, 1, 2, 3}));
  EXPECT_EQ(with_channels(grey_alpha, 1, {255, 255, 255}).pixels, (std::vector<uint8_t>{100, 255}));
}

}  // namespace
}  // namespace mezzotint
