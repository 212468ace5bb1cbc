#include "mezzotint/training/augmentation.h"

#include <ATen/ops/full.h>
#include <ATen/ops/ones_like.h>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

constexpr AugmentationConfig kNone = {1, 1, 0, 0, 0, 0, 0, 0, 1};

Tensor pictures() { return RandomStream(1).rand({24, 3, 12, 12}) * 2 - 1; }

Tensor changed(const AugmentationConfig& config, uint64_t seed = 5) {
  RandomStream stream(seed);
  return augmented(pictures(), config, stream);
}

TEST(Augmented, TheSeedDecides) {
  EXPECT_TRUE(changed({}).equal(changed({})));
  EXPECT_FALSE(changed({}).equal(changed({}, 6)));
  EXPECT_EQ(changed({}).sizes(), pictures().sizes());
  EXPECT_LE(changed({}).abs().max().item<double>(), 1.5);
}

TEST(Augmented, WithoutAnyChangeOnlyTheLightnessMoves) {
  // Half of the pictures are made lighter or darker as a whole.
  const Tensor difference = changed(kNone) - pictures();
  const Tensor spread = difference.amax({1, 2, 3}) - difference.amin({1, 2, 3});
  EXPECT_LE(spread.max().item<double>(), 1e-4);
  EXPECT_GE((difference.abs().amax({1, 2, 3}) < 1e-4).sum().item<int64_t>(), 1);
}

TEST(Augmented, EachKindOfChangeChanges) {
  const Tensor plain = changed(kNone);
  const auto differs = [&](auto AugmentationConfig::*member, double value) {
    AugmentationConfig config = kNone;
    config.*member = value;
    return (changed(config) - plain).abs().max().item<double>() > 0.02;
  };
  EXPECT_TRUE(differs(&AugmentationConfig::smallest, 0.5));
  EXPECT_TRUE(differs(&AugmentationConfig::largest, 2.0));
  EXPECT_TRUE(differs(&AugmentationConfig::turn, 30.0));
  EXPECT_TRUE(differs(&AugmentationConfig::shift, 0.3));
  EXPECT_TRUE(differs(&AugmentationConfig::color, 0.2));
  EXPECT_TRUE(differs(&AugmentationConfig::contrast, 0.5));
  EXPECT_TRUE(differs(&AugmentationConfig::blur, 1.0));
  EXPECT_TRUE(differs(&AugmentationConfig::noise, 0.5));
}

TEST(Augmented, TheBackgroundStaysNearlyAsItIs) {
  RandomStream stream(3);
  AugmentationConfig config;
  config.noise = 0;
  for (const double background : {1.0, -1.0}) {
    config.background = background;
    const Tensor empty = at::full({16, 3, 8, 8}, background);
    const Tensor y = augmented(empty.to(at::kFloat), config, stream);
    EXPECT_LE((y - background).abs().mean().item<double>(), 0.15);
  }
}

TEST(Augmented, RefusesWhatCantBe) {
  AugmentationConfig config;
  config.largest = 0.5;
  EXPECT_THROW(check(config), Error);
  config = {};
  config.noise = 2;
  EXPECT_THROW(check(config), Error);
  config = {};
  config.blur = -1;
  EXPECT_THROW(check(config), Error);
  EXPECT_NO_THROW(check(AugmentationConfig{}));
}

}  // namespace
}  // namespace mezzotint
