#include "mezzotint/models/unet_2d.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

TEST(UNet2DModel, CountsTheParametersOfKnownModels) {
  const nlohmann::json celebahq = {
      {"block_out_channels", {128, 128, 256, 256, 512, 512}},
      {"down_block_types",
       {"DownBlock2D", "DownBlock2D", "DownBlock2D", "DownBlock2D", "AttnDownBlock2D",
        "DownBlock2D"}},
      {"up_block_types",
       {"UpBlock2D", "AttnUpBlock2D", "UpBlock2D", "UpBlock2D", "UpBlock2D", "UpBlock2D"}}};
  EXPECT_EQ(UNet2DModel::parameter_shapes(celebahq).element_count(), 113673219);
}

}  // namespace
}  // namespace mezzotint
