#include "mezzotint/models/open_clip_config.h"

#include <gtest/gtest.h>

#include "mezzotint/models/clip_model.h"

namespace mezzotint {
namespace {

using Json = nlohmann::json;

/// open_clip's ViT-H-14-quickgelu.
Json huge() {
  return {{"embed_dim", 1024},
          {"quick_gelu", true},
          {"vision_cfg",
           {{"image_size", 224},
            {"layers", 32},
            {"width", 1280},
            {"head_width", 80},
            {"patch_size", 14}}},
          {"text_cfg",
           {{"context_length", 77},
            {"vocab_size", 49408},
            {"width", 1024},
            {"heads", 16},
            {"layers", 24}}}};
}

std::string fault_of(const Json& change) {
  Json json = huge();
  json.merge_patch(change);
  try {
    clip_config_from_open_clip(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFailed);  // a file is wrong, not the command line
    return error.what();
  }
  return "accepted";
}

TEST(OpenClipConfig, BecomesTransformers) {
  const Json config = clip_config_from_open_clip(huge());
  EXPECT_EQ(config.at("projection_dim"), 1024);
  const Json vision = {{"hidden_size", 1280},       {"intermediate_size", 5120},
                       {"num_hidden_layers", 32},   {"num_attention_heads", 16},
                       {"patch_size", 14},          {"image_size", 224},
                       {"hidden_act", "quick_gelu"}};
  EXPECT_EQ(config.at("vision_config"), vision);
  EXPECT_EQ(config.at("text_config").at("num_attention_heads"), 16);
  EXPECT_EQ(config.at("text_config").at("eos_token_id"), 2);
  // open_clip.create_model("ViT-H-14") has as many.
  EXPECT_EQ(CLIPModel::parameter_shapes(config).element_count(), 986'109'441);
}

TEST(OpenClipConfig, DefaultsAreOpenClips) {
  const Json config = clip_config_from_open_clip({{"embed_dim", 640}});
  EXPECT_EQ(config.at("vision_config").at("patch_size"), 16);
  EXPECT_EQ(config.at("vision_config").at("hidden_act"), "gelu");
  EXPECT_EQ(config.at("text_config").at("hidden_size"), 512);
}

TEST(OpenClipConfig, WhatOnlyOpenClipCanBuildIsRefused) {
  const std::string where = "open_clip model_cfg";
  EXPECT_EQ(fault_of({{"vision_cfg", {{"no_ln_pre", true}}}}),
            where + ": vision_cfg: no_ln_pre true isn't supported; wanted a plain CLIP");
  EXPECT_EQ(fault_of({{"vision_cfg", {{"no_ln_pre", false}}}}), "accepted");
  EXPECT_EQ(fault_of({{"vision_cfg", {{"layers", {3, 4, 6, 3}}}}}),
            where + ": vision_cfg: a ResNet isn't supported; wanted a vision transformer (ViT)");
  EXPECT_EQ(fault_of({{"vision_cfg", {{"timm_model_name", "vit_base"}}}}),
            where +
                ": vision_cfg: timm_model_name \"vit_base\" isn't supported; wanted a plain"
                " CLIP");
  EXPECT_EQ(fault_of({{"text_cfg", {{"hf_model_name", "roberta-base"}}}}),
            where +
                ": text_cfg: hf_model_name \"roberta-base\" isn't supported; wanted a plain"
                " CLIP");
  EXPECT_EQ(fault_of({{"text_cfg", {{"pool_type", "last"}}}}),
            where + ": text_cfg: pool_type last with eos_id 2 isn't supported; wanted argmax");
  EXPECT_EQ(fault_of({{"text_cfg", {{"pool_type", "eos"}, {"eos_id", 1}}}}), "accepted");
  EXPECT_EQ(fault_of({{"init_logit_bias", -10}}),
            where + ": init_logit_bias -10 isn't supported; wanted a plain CLIP");
  EXPECT_EQ(fault_of({{"vision_cfg", {{"head_width", 0}}}}),
            where + ": vision_cfg: head_width: got 0, wanted at least 1");
  EXPECT_EQ(fault_of({{"text_cfg", {{"mlp_ratio", 1e300}}}}),
            where + ": mlp_ratio: got 1e+300, wanted about 4");
  EXPECT_EQ(fault_of({{"text_cfg", 3}}), where + ": text_cfg: got 3, wanted an object");
}

/// Shapes and no numbers, which is all that is looked at.
Weights shapes(const Json& open_clip) {
  return CLIPModel::parameter_shapes(clip_config_from_open_clip(open_clip));
}

TEST(ClipConfigFromShapes, FindsTheConfiguration) {
  Json wanted = clip_config_from_open_clip(huge());
  wanted.erase("logit_scale_init_value");
  wanted["vision_config"]["num_channels"] = 3;
  EXPECT_EQ(clip_config_from_shapes(shapes(huge()), "quick_gelu"), wanted);
}

TEST(ClipConfigFromShapes, OddShapesAreNamed) {
  const std::string positions = "vision_model.embeddings.position_embedding.weight";
  Weights weights = shapes(huge());
  const auto fault = [&] {
    try {
      clip_config_from_shapes(weights, "gelu");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  weights.set(positions, weights.at(positions).narrow(0, 0, 256));
  EXPECT_EQ(fault(),
            "CLIP weights: " + positions + " has 256 rows, wanted one more than a square number");
  weights.set(positions, weights.at(positions).narrow(0, 0, 1));
  EXPECT_EQ(fault(),
            "CLIP weights: " + positions + " has 1 rows, wanted one more than a square number");
  weights.set(positions, weights.at(positions).flatten());
  EXPECT_EQ(fault(), "CLIP weights: " + positions + " has shape [1280], wanted 2 dimensions");
  weights.set("visual.attnpool.positional_embedding", weights.at(positions));
  EXPECT_EQ(fault(), "CLIP weights: a ResNet isn't supported; wanted a vision transformer (ViT)");
}

}  // namespace
}  // namespace mezzotint
