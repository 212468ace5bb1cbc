#include "mezzotint/models/unet_2d_config.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

using Json = nlohmann::json;

Json two_blocks() {
  return {{"block_out_channels", {32, 64}},
          {"down_block_types", {"DownBlock2D", "DownBlock2D"}},
          {"up_block_types", {"UpBlock2D", "UpBlock2D"}}};
}

Json changed(const Json& change) {
  Json json = two_blocks();
  json.update(change);
  return json;
}

std::string fault_of(const Json& json) {
  try {
    read_unet_2d_config(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFailed);  // a file is wrong, not the command line
    return error.what();
  }
  return "accepted";
}

TEST(UNet2DConfig, AnEmptyObjectHasTheDefaults) {
  const ReadUNet2DConfig read = read_unet_2d_config(Json::object());
  EXPECT_EQ(read.config.temb_channels(), 4 * 224);
  EXPECT_EQ(read.config.size_multiple(), 8);
  EXPECT_EQ(read.saved.at("mid_block_type"), "UNetMidBlock2D");
  EXPECT_EQ(read.saved.at("_class_name"), "UNet2DModel");
}

TEST(UNet2DConfig, SampleSizeIsNullANumberOrAPair) {
  using Pair = std::pair<int64_t, int64_t>;
  EXPECT_EQ(read_unet_2d_config(two_blocks()).config.height_width(), Pair(0, 0));
  EXPECT_EQ(read_unet_2d_config(changed({{"sample_size", 28}})).config.height_width(),
            Pair(28, 28));
  EXPECT_EQ(read_unet_2d_config(changed({{"sample_size", {16, 48}}})).config.height_width(),
            Pair(16, 48));
}

TEST(UNet2DConfig, UnknownKeysAreKeptAndReported) {
  const ReadUNet2DConfig read =
      read_unet_2d_config(changed({{"novelty", 3}, {"_name_or_path", "somewhere"}}));
  EXPECT_EQ(read.unknown_keys, std::vector<std::string>{"novelty"});
  EXPECT_EQ(read.saved.at("novelty"), 3);
  EXPECT_EQ(read.saved.at("_name_or_path"), "somewhere");
}

TEST(UNet2DConfig, ReadsWhatItSaves) {
  const Json saved = read_unet_2d_config(changed({{"norm_eps", 1e-6}, {"freq_shift", 1}})).saved;
  EXPECT_EQ(read_unet_2d_config(saved).saved, saved);
}

TEST(UNet2DConfig, ReadsTheNamesOfTheFirstReleases) {
  const ReadUNet2DConfig read =
      read_unet_2d_config({{"image_size", 32},
                           {"block_channels", {32, 64}},
                           {"down_blocks", {"DownBlock2D", "DownBlock2D"}},
                           {"up_blocks", {"UpBlock2D", "UpBlock2D"}}});
  EXPECT_EQ(read.config.block_out_channels, std::vector<int64_t>({32, 64}));
  EXPECT_EQ(read.saved.at("sample_size"), 32);
  EXPECT_FALSE(read.saved.contains("image_size"));
  EXPECT_TRUE(read.unknown_keys.empty());
}

TEST(UNet2DConfig, NullSamplerTypesAreConvolutions) {
  EXPECT_EQ(read_unet_2d_config(changed({{"downsample_type", nullptr}})).config.downsample_type,
            "conv");
}

struct Fault {
  Json change;
  std::string says;
};

class UNet2DConfigFault : public ::testing::TestWithParam<Fault> {};

TEST_P(UNet2DConfigFault, IsNamed) {
  const std::string message = fault_of(changed(GetParam().change));
  EXPECT_NE(message.find(GetParam().says), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

const Json kThreeNames = {"DownBlock2D", "DownBlock2D", "DownBlock2D"};
const Json kSkipDown = {"SkipDownBlock2D", "DownBlock2D"};
const Json kSkipUp = {"SkipUpBlock2D", "SkipUpBlock2D"};

INSTANTIATE_TEST_SUITE_P(
    All, UNet2DConfigFault,
    ::testing::Values(
        Fault{{{"down_block_types", kThreeNames}}, "got 3 down_block_types, 2 up_block_types"},
        Fault{{{"_class_name", "UNet2DConditionModel"}},
              "_class_name: got \"UNet2DConditionModel\""},
        Fault{{{"_class_name", 7}}, "_class_name: got 7"},
        Fault{{{"sample_size", 31}}, "multiples of 2, such as 32 x 32"},
        Fault{{{"sample_size", {16, 16, 16}}}, "wanted one number or [height, width]"},
        Fault{{{"sample_size", -4}}, "sample_size: got -4"},
        Fault{{{"in_channels", 0}}, "in_channels: got 0, wanted 1 to"},
        Fault{{{"in_channels", "three"}}, "in_channels: got 'three', wanted a whole number"},
        Fault{{{"block_out_channels", {32, 1 << 30}}}, "block_out_channels: got 1073741824"},
        Fault{{{"layers_per_block", 1000000}}, "layers_per_block: got 1000000"},
        Fault{{{"time_embedding_type", "fourrier"}}, "did you mean 'fourier'?"},
        Fault{{{"time_embedding_type", "learned"}}, "needs num_train_timesteps"},
        Fault{{{"mid_block_type", "UNetMidBlock2DCrossAttn"}}, "known: UNetMidBlock2D"},
        Fault{{{"resnet_time_scale_shift", "spatial"}}, "known: default, scale_shift"},
        Fault{{{"class_embed_type", "projection"}}, "known: timestep, identity"},
        Fault{{{"norm_num_groups", nullptr}}, "for nets of Skip blocks only"},
        Fault{{{"norm_eps", 0}}, "norm_eps: got 0"}, Fault{{{"dropout", 1.0}}, "dropout: got 1"},
        Fault{{{"attention_head_dim", 0}}, "attention_head_dim: got 0"},
        Fault{{{"freq_shift", 16}}, "would divide by 0"},
        Fault{{{"down_block_types", kSkipDown}, {"in_channels", 1}}, "needs in_channels 3, got 1"},
        Fault{{{"up_block_types", kSkipUp}, {"out_channels", 6}}, "needs out_channels 3, got 6"}));

TEST(UNet2DConfig, SkipBlocksMustResampleWithoutGaps) {
  Json json = {{"block_out_channels", {32, 32, 32}},
               {"down_block_types", {"DownBlock2D", "SkipDownBlock2D", "DownBlock2D"}},
               {"up_block_types", {"UpBlock2D", "SkipUpBlock2D", "UpBlock2D"}}};
  EXPECT_NE(fault_of(json).find("SkipDownBlock2D can't follow DownBlock2D"), std::string::npos);
  json["down_block_types"] = {"SkipDownBlock2D", "SkipDownBlock2D", "DownBlock2D"};
  EXPECT_NE(fault_of(json).find("UpBlock2D can't follow SkipUpBlock2D"), std::string::npos);
}

TEST(UNet2DConfig, MustBeAnObject) {
  EXPECT_NE(fault_of(Json::array()).find("wanted an object"), std::string::npos);
}

}  // namespace
}  // namespace mezzotint
