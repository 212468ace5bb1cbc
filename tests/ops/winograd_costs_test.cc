#include "mezzotint/ops/winograd_costs.h"

#include <gtest/gtest.h>

namespace mezzotint::ops {
namespace {

TEST(WinogradCosts, LargePicturesTakeTilesOfSixAndSmallOnesOfFour) {
  EXPECT_EQ(cheaper_tile(kUsualCosts, WinogradPass::kConvolution, 1, 256, 256, 128, 128), 6);
  EXPECT_EQ(cheaper_tile(kUsualCosts, WinogradPass::kConvolution, 4, 64, 64, 128, 256), 6);
  EXPECT_EQ(cheaper_tile(kUsualCosts, WinogradPass::kConvolution, 128, 14, 14, 64, 64), 4);
  EXPECT_EQ(cheaper_tile(kUsualCosts, WinogradPass::kConvolution, 1, 8, 8, 512, 512), 4);
}

TEST(WinogradCosts, AFilterThatCostsMuchIsWorthItForManyPicturesOnly) {
  WinogradCosts costs = kUsualCosts;
  costs.six.filter = 1e6;
  EXPECT_EQ(cheaper_tile(costs, WinogradPass::kConvolution, 1, 64, 64, 128, 128), 4);
  EXPECT_EQ(cheaper_tile(costs, WinogradPass::kConvolution, 1000000, 64, 64, 128, 128), 6);
}

TEST(WinogradCosts, AFilterTooLargeForTheCacheTakesSmallerTiles) {
  EXPECT_EQ(cheaper_tile(kUsualCosts, WinogradPass::kConvolution, 1, 256, 256, 256, 128), 6);
  EXPECT_EQ(cheaper_tile(kUsualCosts, WinogradPass::kConvolution, 1, 64, 64, 512, 256), 4);
  // Nothing is read again in a weight's gradient.
  EXPECT_EQ(cheaper_tile(kUsualCosts, WinogradPass::kWeightGrad, 1, 64, 64, 512, 256), 6);
}

TEST(WinogradCosts, OfADoubledPictureSmallTilesLeaveOutMore) {
  EXPECT_EQ(cheaper_tile(kUsualCosts, WinogradPass::kConvolution, 1, 256, 256, 128, 128, false), 6);
  EXPECT_EQ(cheaper_tile(kUsualCosts, WinogradPass::kConvolution, 1, 256, 256, 128, 128, true), 4);
}

TEST(WinogradCosts, MeasuredOnesArePositive) {
  const WinogradCosts costs = measure_winograd_costs();
  for (const TileCosts& tile : {costs.four, costs.six}) {
    EXPECT_GT(tile.product, 0);
    EXPECT_GT(tile.transform, 0);
    EXPECT_GT(tile.filter, 0);
  }
}

TEST(WinogradCosts, AGuardSetsThemWhileItLives) {
  static const WinogradCosts kOthers = {{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(winograd_costs(), kUsualCosts);
  {
    const CostGuard guard([]() -> const WinogradCosts& { return kOthers; });
    EXPECT_EQ(winograd_costs(), kOthers);
  }
  EXPECT_EQ(winograd_costs(), kUsualCosts);
}

}  // namespace
}  // namespace mezzotint::ops
