#include "mezzotint/models/clip_keys.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

std::vector<std::string> renamed(const std::string& key, IntArrayRef shape = {6}) {
  Weights weights;
  weights.set(key, at::zeros(shape));
  return rename_clip_weights(weights).keys();
}

using Keys = std::vector<std::string>;

TEST(RenameClipWeights, GivesTransformersNames) {
  EXPECT_EQ(renamed("visual.positional_embedding"),
            Keys{"vision_model.embeddings.position_embedding.weight"});
  EXPECT_EQ(renamed("positional_embedding"),
            Keys{"text_model.embeddings.position_embedding.weight"});
  EXPECT_EQ(renamed("visual.transformer.resblocks.11.mlp.c_proj.bias"),
            Keys{"vision_model.encoder.layers.11.mlp.fc2.bias"});
  EXPECT_EQ(renamed("transformer.resblocks.0.ln_1.weight"),
            Keys{"text_model.encoder.layers.0.layer_norm1.weight"});
  EXPECT_EQ(renamed("text.transformer.resblocks.3.attn.out_proj.bias"),
            Keys{"text_model.encoder.layers.3.self_attn.out_proj.bias"});
  EXPECT_EQ(renamed("module.text.ln_final.bias"), Keys{"text_model.final_layer_norm.bias"});
  EXPECT_EQ(renamed("transformer.resblocks.0.attn.in_proj_bias"),
            (Keys{"text_model.encoder.layers.0.self_attn.q_proj.bias",
                  "text_model.encoder.layers.0.self_attn.k_proj.bias",
                  "text_model.encoder.layers.0.self_attn.v_proj.bias"}));
}

TEST(RenameClipWeights, LeavesTransformersNamesAndStrangersAlone) {
  for (const char* key :
       {"text_model.embeddings.token_embedding.weight", "text_projection.weight", "logit_scale",
        "logit_bias", "visual.layer1.0.conv1.weight", "transformer.resblocks", "", "."})
    EXPECT_EQ(renamed(key), Keys{key});
  EXPECT_EQ(renamed("transformer.resblocks."), Keys{"text_model.encoder.layers."});
  // Seven rows can't be three parts.
  EXPECT_EQ(renamed("transformer.resblocks.0.attn.in_proj_weight", {7, 2}),
            Keys{"text_model.encoder.layers.0.attn.in_proj_weight"});
}

TEST(RenameClipWeights, DropsWhatIsNoWeight) {
  for (const char* key :
       {"attn_mask", "text.attn_mask", "input_resolution", "context_length", "vocab_size",
        "text_model.embeddings.position_ids", "vision_model.embeddings.position_ids"})
    EXPECT_EQ(renamed(key), Keys()) << key;
}

TEST(RenameClipWeights, TurnsProjectionsAndTakesThePartsInOrder) {
  Weights weights;
  weights.set("visual.proj", at::arange(6).view({3, 2}));
  weights.set("logit_scale", at::arange(1).view({1}));
  weights.set("visual.transformer.resblocks.0.attn.in_proj_weight", at::arange(6).view({6, 1}));
  const Weights got = rename_clip_weights(weights);
  EXPECT_TRUE(got.at("visual_projection.weight").equal(at::arange(6).view({3, 2}).t()));
  EXPECT_EQ(got.at("logit_scale").dim(), 0);
  const std::string block = "vision_model.encoder.layers.0.self_attn.";
  EXPECT_EQ(got.at(block + "q_proj.weight")[0].item<int64_t>(), 0);
  EXPECT_EQ(got.at(block + "k_proj.weight")[1].item<int64_t>(), 3);
  EXPECT_EQ(got.at(block + "v_proj.weight")[1].item<int64_t>(), 5);
}

TEST(IsOpenAIClip, LooksForTheThreeNumbers) {
  Weights weights;
  for (const char* key : {"input_resolution", "context_length", "vocab_size"}) {
    EXPECT_FALSE(is_openai_clip(weights));
    weights.set(key, at::zeros({}));
  }
  EXPECT_TRUE(is_openai_clip(weights));
}

}  // namespace
}  // namespace mezzotint
