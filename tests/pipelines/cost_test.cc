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
  const double parameters = 4.0 * 1'708'161, one = sampling_memory(unet, 1, 28, 28),
               many = sampling_memory(unet, 65, 28, 28);
  EXPECT_GT(one, parameters);
  EXPECT_GT(sampling_memory(unet, 1, 56, 56), one);
  const double training = training_memory(unet, 1, 28, 28);
  EXPECT_GT(training, one);
  EXPECT_GT(training_memory(unet, 65, 28, 28) - training, many - one);
  EXPECT_NEAR(training_memory(unet, 1, 28, 28, {.ema = true}) - training, parameters, 1);
  const double all_gradients = training_memory(unet, 1, 28, 28, {.all_gradients = true});
  EXPECT_GT(all_gradients, training);
  EXPECT_LE(all_gradients, training + parameters);
  // An adapter's moments are small; the frozen weights remain.
  const double adapter = training_memory(unet, 1, 28, 28, {.learned = 1000, .beside = true});
  EXPECT_NEAR(training - adapter, 2 * parameters - 3 * 4000, 1);
  const double frozen = training_memory(unet, 1, 28, 28, {.learned = 1000});
  EXPECT_NEAR(training - frozen, 2 * parameters - 2 * 4000, 1);
  const auto growth = [&](const TrainingMemory& how) {
    return training_memory(unet, 2, 28, 28, how) - training_memory(unet, 1, 28, 28, how);
  };
  EXPECT_LT(growth({.gradient_checkpointing = true}), 0.6 * growth({}));
}

}  // namespace
}  // namespace mezzotint
