#include "mezzotint/models/gradient_checkpointing.h"

#include <ATen/ops/tensor.h>
#include <torch/csrc/autograd/autograd.h>

#include <gtest/gtest.h>

#include "mezzotint/base/caching_allocator.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/models/unet_2d.h"

namespace mezzotint {
namespace {

using Json = nlohmann::json;

struct Case {
  const char* name;
  Json change;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

const Case kCases[] = {
    {"Attention", Json::object()},
    {"Dropout", {{"dropout", 0.3}}},
    {"ScaleShift", {{"resnet_time_scale_shift", "scale_shift"}}},
    {"ResnetSamplers", {{"downsample_type", "resnet"}, {"upsample_type", "resnet"}}},
    {"Skip",
     {{"block_out_channels", {32, 64}},
      {"down_block_types", {"SkipDownBlock2D", "AttnSkipDownBlock2D"}},
      {"up_block_types", {"AttnSkipUpBlock2D", "SkipUpBlock2D"}}}},
};

UNet2DModel make(const Json& change, bool checkpointing) {
  Json json = {{"block_out_channels", {16, 32}},
               {"down_block_types", {"DownBlock2D", "AttnDownBlock2D"}},
               {"up_block_types", {"AttnUpBlock2D", "UpBlock2D"}},
               {"layers_per_block", 2},
               {"norm_num_groups", 4}};
  json.update(change);
  UNet2DModel model(json, RandomStream(0));
  model.set_gradient_checkpointing(checkpointing);
  return model;
}

Tensor picture() { return RandomStream(7).randn({2, 3, 16, 16}).requires_grad_(true); }
Tensor timesteps() { return at::tensor({3, 700}); }

struct Results {
  std::vector<Tensor> tensors;     ///< output, gradients of the picture and of the parameters
  std::vector<std::string> names;  ///< of these
};

/// Two training steps' worth of gradients, summed, so that dropout's stream is seen to go on.
Results gradients(const Json& change, bool checkpointing) {
  UNet2DModel model = make(change, checkpointing);
  for (const auto& [key, parameter] : model.parameters()) parameter.requires_grad_(true);
  model.set_training(true, RandomStream(5));
  const Tensor x = picture();
  Results results;
  for (const char* name : {"first output", "second output"}) {
    const Tensor y = model.forward(x, timesteps());
    y.square().mean().backward();
    results.tensors.push_back(y.detach());
    results.names.emplace_back(name);
  }
  results.tensors.push_back(x.grad());
  results.names.emplace_back("picture");
  for (const auto& [key, parameter] : model.parameters()) {
    results.tensors.push_back(parameter.grad());
    results.names.push_back(key);
  }
  return results;
}

class GradientCheckpointing : public ::testing::TestWithParam<Case> {};

TEST_P(GradientCheckpointing, ChangesNoBit) {
  const Results with = gradients(GetParam().change, true),
                without = gradients(GetParam().change, false);
  ASSERT_EQ(with.names, without.names);
  std::vector<std::string> different;
  for (size_t i = 0; i < with.names.size(); ++i) {
    ASSERT_TRUE(with.tensors[i].defined() && without.tensors[i].defined()) << with.names[i];
    if (!with.tensors[i].equal(without.tensors[i])) different.push_back(with.names[i]);
  }
  EXPECT_EQ(joined(different), "");
}

INSTANTIATE_TEST_SUITE_P(Nets, GradientCheckpointing, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

Tensor picture_gradient(bool checkpointing, bool weights_learn) {
  const UNet2DModel model = make(Json::object(), checkpointing);
  for (const auto& [key, parameter] : model.parameters()) parameter.requires_grad_(weights_learn);
  const Tensor x = picture();
  const Tensor loss = model.forward(x, timesteps()).square().mean();
  const Tensor gradient = torch::autograd::grad({loss}, {x})[0];
  for (const auto& [key, parameter] : model.parameters())
    EXPECT_FALSE(parameter.grad().defined()) << key;
  return gradient;
}

// As guidance does it.
TEST(GradientCheckpointing, ThePicturesGradientAlone) {
  for (const bool weights_learn : {false, true})
    EXPECT_TRUE(
        picture_gradient(true, weights_learn).equal(picture_gradient(false, weights_learn)));
}

TEST(GradientCheckpointing, TheGraphOutlivesTheModel) {
  const auto gradient = [](bool checkpointing) {
    const Tensor x = picture();
    const Tensor y = make(Json::object(), checkpointing).forward(x, timesteps());
    y.sum().backward();
    return x.grad();
  };
  EXPECT_TRUE(gradient(true).equal(gradient(false)));
}

TEST(GradientCheckpointing, AChangedParameterIsNoticed) {
  const UNet2DModel model = make(Json::object(), true);
  for (const auto& [key, parameter] : model.parameters()) parameter.requires_grad_(true);
  const Tensor loss = model.forward(picture(), timesteps()).sum();
  model.parameters().at("mid_block.resnets.0.conv1.weight").detach().mul_(2);
  EXPECT_ANY_THROW(loss.backward());
}

/// Bytes that a forward pass leaves for the backward pass.
size_t kept(bool checkpointing) {
  const UNet2DModel model = make(Json::object(), checkpointing);
  for (const auto& [key, parameter] : model.parameters()) parameter.requires_grad_(true);
  const Tensor x = RandomStream(7).randn({2, 3, 64, 64});
  const size_t before = cached_memory().in_use;
  const Tensor y = model.forward(x, timesteps());
  return cached_memory().in_use - before;
}

TEST(GradientCheckpointing, KeepsLittle) {
  if (!use_caching_allocator() && cached_memory().resident == 0)
    GTEST_SKIP() << "memory isn't counted here";
  const size_t with = kept(true), without = kept(false);
  EXPECT_LT(with, without * 2 / 3) << without;
  RecordProperty("kept", static_cast<int>(with));
  RecordProperty("kept_without", static_cast<int>(without));
}

}  // namespace
}  // namespace mezzotint
