#include "mezzotint/models/legacy_keys.h"

#include <ATen/ops/full.h>

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

std::vector<std::string> renamed(const std::vector<std::string>& keys) {
  Weights checkpoint;
  for (size_t i = 0; i < keys.size(); ++i)
    checkpoint.set(keys[i], at::full({1}, static_cast<double>(i)));
  return rename_legacy_weights(checkpoint).keys();
}

using Keys = std::vector<std::string>;

TEST(LegacyWeights, AttentionProjections) {
  EXPECT_EQ(
      renamed({"mid_block.attentions.0.query.weight", "mid_block.attentions.0.key.bias",
               "up_blocks.1.attentions.2.value.weight", "up_blocks.1.attentions.2.proj_attn.bias"}),
      Keys({"mid_block.attentions.0.to_q.weight", "mid_block.attentions.0.to_k.bias",
            "up_blocks.1.attentions.2.to_v.weight", "up_blocks.1.attentions.2.to_out.0.bias"}));
}

TEST(LegacyWeights, TopModules) {
  EXPECT_EQ(renamed({"time_steps.weight", "mid.resnets.0.norm1.weight",
                     "downsample_blocks.0.resnets.0.norm1.bias",
                     "upsample_blocks.0.attentions.0.query.weight"}),
            Keys({"time_proj.weight", "mid_block.resnets.0.norm1.weight",
                  "down_blocks.0.resnets.0.norm1.bias", "up_blocks.0.attentions.0.to_q.weight"}));
}

TEST(LegacyWeights, TodaysKeysStay) {
  const Keys keys = {"mid_block.resnets.0.norm1.weight", "query.weight", "some.key.bias",
                     "up_blocks.0.upsamplers.0.conv.weight", "middle.weight"};
  EXPECT_EQ(renamed(keys), keys);
}

TEST(LegacyWeights, TwinsAreDropped) {
  EXPECT_EQ(
      renamed({"down_blocks.0.downsamplers.0.op.weight", "down_blocks.0.downsamplers.0.conv.weight",
               "down_blocks.0.downsamplers.0.Conv2d_0.weight", "time_proj.W", "time_proj.weight"}),
      Keys({"down_blocks.0.downsamplers.0.conv.weight", "time_proj.weight"}));
}

TEST(LegacyWeights, ALoneTwinTakesItsPlace) {
  EXPECT_EQ(
      renamed({"down_blocks.0.downsamplers.0.op.weight", "up_blocks.0.upsamplers.0.Conv2d_0.bias"}),
      Keys({"down_blocks.0.downsamplers.0.conv.weight", "up_blocks.0.upsamplers.0.conv.bias"}));
}

TEST(LegacyConfig, KeysAreRenamed) {
  const nlohmann::json old_names = {{"image_size", 32},           {"num_res_blocks", 2},
                                    {"block_channels", {32}},     {"down_blocks", {"DownBlock2D"}},
                                    {"up_blocks", {"UpBlock2D"}}, {"downscale_freq_shift", 1},
                                    {"resnet_num_groups", 16},    {"resnet_act_fn", "silu"},
                                    {"resnet_eps", 1e-6},         {"num_head_channels", nullptr}};
  const nlohmann::json new_names = {{"sample_size", 32},
                                    {"layers_per_block", 2},
                                    {"block_out_channels", {32}},
                                    {"down_block_types", {"DownBlock2D"}},
                                    {"up_block_types", {"UpBlock2D"}},
                                    {"freq_shift", 1},
                                    {"norm_num_groups", 16},
                                    {"act_fn", "silu"},
                                    {"norm_eps", 1e-6},
                                    {"attention_head_dim", nullptr}};
  EXPECT_EQ(rename_legacy_config(old_names), new_names);
}

TEST(LegacyConfig, TodaysValueWins) {
  EXPECT_EQ(rename_legacy_config({{"image_size", 32}, {"sample_size", 64}}),
            nlohmann::json({{"sample_size", 64}}));
}

}  // namespace
}  // namespace mezzotint
