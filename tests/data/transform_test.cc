#include "mezzotint/data/transform.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/data/resample.h"

#include "tests/pam.h"

namespace mezzotint {
namespace {

using testing::max_difference;
using testing::read_pams;

// tools/reference/images.py writes these.
std::vector<Image> pams(const std::string& name) {
  return read_pams(std::string(MEZZOTINT_TEST_DATA) + "/data/data/" + name + ".pam");
}

Image opaque_source() {
  Image source = pams("source").at(0);
  for (size_t i = 3; i < source.pixels.size(); i += 4) source.pixels[i] = 255;
  return source;
}

void expect_fits(const std::string& how) {
  TransformConfig config;
  config.resize = how;
  config.background = "#102030";
  for (const Image& expected : pams(how)) {
    config.width = expected.width;
    config.height = expected.height;
    EXPECT_EQ(max_difference(prepare(opaque_source(), config), expected), 0)
        << how << " to " << expected.width << " x " << expected.height;
  }
}

TEST(Transform, CenterCropEqualsTorchvisionsRule) { expect_fits("center_crop"); }
TEST(Transform, PadKeepsTheWholePicture) { expect_fits("pad"); }

TEST(Transform, ValuesAreInModelRangeInFloat) {
  const Image image = {2, 1, 3, {0, 128, 255, 7, 200, 99}, {}, {}};
  TransformConfig config;
  config.horizontal_flip = false;
  const Tensor x = transform(image, config, 0);
  ASSERT_EQ(x.sizes(), (std::vector<int64_t>{3, 1, 2}));
  EXPECT_EQ(x[0][0][0].item<float>(), -1.0f);
  EXPECT_EQ(x[2][0][0].item<float>(), 1.0f);
  EXPECT_EQ(x[1][0][0].item<float>(), (128 / 255.0f - 0.5f) / 0.5f);
  EXPECT_EQ(x[0][0][1].item<float>(), (7 / 255.0f - 0.5f) / 0.5f);
}

TEST(Transform, FlipsAboutHalfAndOnlyMirrors) {
  TransformConfig config;
  config.channels = 1;
  const Image image = {3, 1, 1, {0, 100, 255}, {}, {}};
  config.horizontal_flip = false;
  const Tensor straight = transform(image, config, 0), mirrored = straight.flip({2});
  config.horizontal_flip = true;
  int flipped = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    const Tensor x = transform(image, config, seed);
    EXPECT_TRUE(x.equal(straight) || x.equal(mirrored));
    EXPECT_TRUE(x.equal(transform(image, config, seed)));
    flipped += x.equal(mirrored);
  }
  EXPECT_NEAR(flipped, 500, 60);  // four standard deviations
}

TEST(Transform, RandomCropsReachEveryPlace) {
  TransformConfig config;
  config.width = config.height = 2;
  config.channels = 1;
  config.resize = "random_crop";
  config.horizontal_flip = false;
  const Image image = {5, 2, 1, {0, 51, 102, 153, 204, 0, 51, 102, 153, 204}, {}, {}};
  std::vector<int> seen(5);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Tensor x = transform(image, config, seed);
    const int left = static_cast<int>(std::lround((x[0][0][0].item<float>() + 1) * 2.5f));
    EXPECT_FLOAT_EQ(x[0][1][1].item<float>(), static_cast<float>(left + 1) / 2.5f - 1);
    ++seen.at(left);
  }
  for (int left = 0; left < 4; ++left) EXPECT_GT(seen[left], 20);
  EXPECT_EQ(seen[4], 0);
}

TEST(Transform, RefusesWhatItCantDo) {
  const auto error_of = [](auto change) -> std::string {
    TransformConfig config;
    change(config);
    try {
      check_transform(config);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(error_of([](TransformConfig&) {}), "");
  EXPECT_NE(error_of([](TransformConfig& c) { c.height = 8; }), "");
  EXPECT_NE(error_of([](TransformConfig& c) { c.height = c.width = -8; }), "");
  EXPECT_NE(error_of([](TransformConfig& c) { c.height = c.width = 1 << 30; }), "");
  EXPECT_NE(error_of([](TransformConfig& c) { c.channels = 2; }), "");
  EXPECT_NE(error_of([](TransformConfig& c) { c.background = "whitish"; }), "");
  EXPECT_EQ(error_of([](TransformConfig& c) { c.resize = "sqash"; }),
            "transform: resize: unknown value 'sqash', did you mean 'squash'?; "
            "known: squash, center_crop, random_crop, pad");
}

}  // namespace
}  // namespace mezzotint
