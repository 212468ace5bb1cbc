#include "mezzotint/pipelines/cost.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"

namespace mezzotint {
namespace {

UNet2DModel network(const nlohmann::json& config) { return {config, RandomStream(0)}; }

// By hand: one block, one layer, 8 channels, no attention, 4 x 4 pixels, on a picture of 1 channel.
TEST(Cost, CountsASmallNetworkExactly) {
  const UNet2DModel unet = network({{"sample_size", 4},
                                    {"in_channels", 1},
                                    {"out_channels", 1},
                                    {"layers_per_block", 1},
                                    {"block_out_channels", {8}},
                                    {"norm_num_groups", 4},
                                    {"mid_block_type", nullptr},
                                    {"down_block_types", {"DownBlock2D"}},
                                    {"up_block_types", {"UpBlock2D"}}});
  const double conv8 = 8 * 8 * 9, pixels = 16;
  const double ends = 8 * 9 + 8 * 9;                   // conv_in, conv_out
  const double down = 2 * conv8;                       // one residual block
  const double up = 2 * (2 * conv8 + conv8 + 16 * 8);  // two, of 16 channels, with a 1x1 shortcut
  const double time = 8 * 32 + 32 * 32 + 3 * 32 * 8;   // embedding, and its way into 3 blocks
  EXPECT_EQ(forward_flops(unet, 4, 4), 2 * (pixels * (ends + down + up) + time));
}

// The course's class-conditional net. torch.utils.flop_counter gives 0.5846 GFLOP, without
// attention's own products: of five layers at 14 x 14 and six at 7 x 7.
TEST(Cost, OfTheCoursesNetwork) {
  const UNet2DModel unet =
      network({{"sample_size", 28},
               {"in_channels", 5},
               {"out_channels", 1},
               {"layers_per_block", 2},
               {"block_out_channels", {32, 64, 64}},
               {"down_block_types", {"DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"}},
               {"up_block_types", {"AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"}}});
  const double attention = 4.0 * 64 * (5 * 196 * 196 + 6 * 49 * 49);
  EXPECT_NEAR((forward_flops(unet, 28, 28) - attention) / 1e9, 0.5846, 1e-4);
  const MemoryEstimate one = memory_estimate(unet, 1, 28, 28),
                       many = memory_estimate(unet, 65, 28, 28);
  const MemoryEstimate large = memory_estimate(unet, 1, 56, 56);
  EXPECT_GT(one.sampling, 4.0 * 1'708'161);
  EXPECT_GT(one.training, one.sampling);
  EXPECT_GT(many.training - one.training, many.sampling - one.sampling);
  EXPECT_GT(large.sampling, one.sampling);
}

}  // namespace
}  // namespace mezzotint
