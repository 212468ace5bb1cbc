#include "mezzotint/models/clip_model.h"

#include <cmath>

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

using Json = nlohmann::json;

Json small() {
  return {{"projection_dim", 8},
          {"vision_config",
           {{"hidden_size", 64},
            {"intermediate_size", 128},
            {"num_hidden_layers", 2},
            {"num_attention_heads", 2},
            {"image_size", 24},
            {"patch_size", 8}}},
          {"text_config",
           {{"hidden_size", 48},
            {"intermediate_size", 96},
            {"num_hidden_layers", 2},
            {"num_attention_heads", 3},
            {"vocab_size", 300},
            {"max_position_embeddings", 10},
            {"eos_token_id", 299}}}};
}

Tensor ids(const std::vector<int64_t>& values) { return at::tensor(values).unsqueeze(0); }

std::string fault_of(const auto& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

class CLIPModelTest : public ::testing::Test {
 protected:
  CLIPModel model{small(), RandomStream(0)};
};

TEST_F(CLIPModelTest, SaysWhatItTakes) {
  EXPECT_EQ(model.image_size(), 24);
  EXPECT_EQ(model.image_channels(), 3);
  EXPECT_EQ(model.context_length(), 10);
  EXPECT_EQ(model.vocab_size(), 300);
  EXPECT_EQ(model.projection_dim(), 8);
  EXPECT_FLOAT_EQ(model.logit_scale().item<float>(), 2.6592f);
  EXPECT_EQ(model.logit_scale().dim(), 0);
}

// transformers 5.24, modeling_clip.py, _init_weights.
TEST_F(CLIPModelTest, NewWeightsAreSpreadAsInTransformers) {
  const auto deviation = [&](const std::string& key) {
    return model.parameters().at(key).std().item<double>();
  };
  const std::string layer = "vision_model.encoder.layers.0.";
  for (const auto& [key, wanted] : std::initializer_list<std::pair<std::string, double>>{
           {"text_model.embeddings.token_embedding.weight", 0.02},
           {"vision_model.embeddings.patch_embedding.weight", 0.02},
           {layer + "self_attn.q_proj.weight", 1 / std::sqrt(64.0 * 4)},
           {layer + "self_attn.out_proj.weight", 1 / std::sqrt(64.0)},
           {layer + "mlp.fc1.weight", 1 / std::sqrt(2 * 64.0)},
           {layer + "mlp.fc2.weight", 1 / std::sqrt(64.0 * 4)},
           {"visual_projection.weight", 1 / std::sqrt(64.0)},
           {"text_projection.weight", 1 / std::sqrt(48.0)}})
    EXPECT_NEAR(deviation(key) / wanted, 1, 0.12) << key;  // 384 numbers at least
  EXPECT_EQ(deviation(layer + "mlp.fc1.bias"), 0);
  EXPECT_EQ(model.parameters().at(layer + "layer_norm1.weight").min().item<float>(), 1);
}

TEST_F(CLIPModelTest, WhatStandsBehindTheEndChangesNothing) {
  const Tensor embeds = model.text_embeds(ids({5, 6, 299}));
  EXPECT_TRUE(embeds.allclose(model.text_embeds(ids({5, 6, 299, 299, 0, 7})), 1e-5, 1e-6));
  EXPECT_FALSE(embeds.allclose(model.text_embeds(ids({6, 5, 299})), 1e-2, 1e-3));
  EXPECT_TRUE(embeds.equal(model.text_embeds(ids({5, 6, 299}).to(at::kInt))));
}

TEST_F(CLIPModelTest, SeesUpdatesInPlace) {
  const Tensor x = at::zeros({1, 3, 24, 24}), before = model.image_embeds(x);
  Tensor(model.parameters().at("visual_projection.weight")).mul_(2);
  EXPECT_TRUE(model.image_embeds(x).allclose(before * 2));
}

TEST_F(CLIPModelTest, FaultsAreNamed) {
  EXPECT_EQ(fault_of([&] {
              model.image_embeds(at::zeros({1, 3, 24, 25}));
            }),
            "CLIPModel: got pictures of shape [1, 3, 24, 25], wanted [batch, 3, 24, 24]; resize and"
            " crop them first");
  EXPECT_EQ(fault_of([&] {
              model.text_embeds(ids({5, 300}));
            }),
            "CLIPModel: got token 300, wanted 0 to 299");
  EXPECT_EQ(fault_of([&] {
              model.text_embeds(ids({-1, 299}));
            }),
            "CLIPModel: got token -1, wanted 0 to 299");
  EXPECT_EQ(fault_of([&] {
              model.text_embeds(ids({5, 6}));
            }),
            "CLIPModel: got a text without the token 299 that ends it (eos_token_id)");
  EXPECT_EQ(
      fault_of([&] {
        model.text_embeds(at::zeros({1, 11}, at::kLong));
      }),
      "CLIPModel: got texts of shape [1, 11] and type long int, wanted token numbers [batch, 1 to"
      " 10]");
  EXPECT_EQ(fault_of([&] {
              model.text_embeds(at::zeros({1, 3}));
            }),
            "CLIPModel: got texts of shape [1, 3] and type float, wanted token numbers [batch, 1 to"
            " 10]");
  Weights some = model.parameters();
  some.erase("logit_scale");
  EXPECT_EQ(
      fault_of([&] { CLIPModel(small(), some); }),
      "CLIPModel: the weights don't fit the configuration: 1 missing (logit_scale). Check that"
      " config.json and the weights belong together");
}

}  // namespace
}  // namespace mezzotint
