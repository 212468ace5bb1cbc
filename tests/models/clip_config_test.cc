#include "mezzotint/models/clip_config.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

using Json = nlohmann::json;

std::string fault_of(const Json& json) {
  try {
    read_clip_config(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFailed);  // a file is wrong, not the command line
    return error.what();
  }
  return "accepted";
}

TEST(CLIPConfig, AnEmptyObjectIsTheBaseModel) {
  const ReadCLIPConfig read = read_clip_config(Json::object());
  EXPECT_EQ(read.config.vision_config.hidden_size, 768);
  EXPECT_EQ(read.config.vision_config.num_attention_heads, 12);
  EXPECT_EQ(read.config.vision_config.grid_size(), 7);
  EXPECT_EQ(read.config.text_config.hidden_size, 512);
  EXPECT_EQ(read.config.text_config.eos_token_id, 49407);
  EXPECT_FALSE(read.config.text_config.pools_largest());
  EXPECT_EQ(read.saved.at("model_type"), "clip");
  EXPECT_EQ(read.saved.at("text_config").at("vocab_size"), 49408);
}

TEST(CLIPConfig, UnknownKeysAreKeptAndReported) {
  const ReadCLIPConfig read = read_clip_config({{"novelty", 3},
                                                {"torch_dtype", "float32"},
                                                {"text_config", {{"num_beams", 1}}},
                                                {"vision_config", {{"_name_or_path", ""}}}});
  EXPECT_EQ(read.unknown_keys, (std::vector<std::string>{"novelty", "text_config.num_beams"}));
  EXPECT_EQ(read.saved.at("novelty"), 3);
  EXPECT_EQ(read.saved.at("text_config").at("num_beams"), 1);
  EXPECT_EQ(read_clip_config(read.saved).saved, read.saved);
}

// transformers 5.24, configuration_clip.py: a key that text_config_dict doesn't give has its
// default, whatever text_config says.
TEST(CLIPConfig, TheDictsOfOlderFilesGoFirst) {
  const ReadCLIPConfig read = read_clip_config(
      {{"text_config", {{"hidden_size", 64}, {"eos_token_id", 2}, {"num_beams", 1}}},
       {"text_config_dict", {{"hidden_size", 128}}},
       {"vision_config", {{"hidden_size", 96}}},
       {"vision_config_dict", nullptr}});
  EXPECT_EQ(read.config.text_config.hidden_size, 128);
  EXPECT_EQ(read.config.text_config.eos_token_id, 49407);
  EXPECT_EQ(read.config.vision_config.hidden_size, 96);
  EXPECT_FALSE(read.saved.contains("text_config_dict"));
  EXPECT_EQ(read.saved.at("text_config").at("hidden_size"), 128);
}

TEST(CLIPConfig, FaultsAreNamed) {
  const auto vision = [](const char* key, const Json& value) {
    return fault_of({{"vision_config", {{key, value}}}});
  };
  EXPECT_EQ(
      vision("hidden_size", 100),
      "CLIPModel config: vision_config: hidden_size 100 can't be divided into 12 heads; change"
      " num_attention_heads");
  EXPECT_EQ(vision("patch_size", 0),
            "CLIPModel config: vision_config: patch_size: got 0, wanted 1 to 224");
  EXPECT_EQ(vision("image_size", Json{224, 224}),
            "CLIPModel config: vision_config: image_size: got [224,224], wanted a whole number");
  EXPECT_EQ(vision("hidden_act", "silu"),
            "CLIPModel config: vision_config: hidden_act: unknown value 'silu'; known: quick_gelu,"
            " gelu");
  EXPECT_EQ(
      vision("layer_norm_eps", 0),
      "CLIPModel config: vision_config: layer_norm_eps: got 0, wanted a small number above 0");
  EXPECT_EQ(vision("attention_dropout", 0.1),
            "CLIPModel config: vision_config: attention_dropout: got 0.1, wanted 0; other values"
            " aren't supported");
  EXPECT_EQ(fault_of({{"model_type", "clip_vision_model"}}),
            "CLIPModel config: model_type \"clip_vision_model\" is one tower alone; wanted a"
            " CLIPModel of both");
  EXPECT_EQ(fault_of({{"model_type", "siglip"}}),
            "CLIPModel config: model_type: got \"siglip\", wanted \"clip\"");
  EXPECT_EQ(fault_of({{"text_config", 5}}),
            "CLIPModel config: text_config: got 5, wanted an object");
  EXPECT_EQ(fault_of(Json::array()), "CLIPModel config: got [], wanted an object");
  EXPECT_EQ(fault_of({{"text_config", {{"vocab_size", int64_t{1} << 40}}}}),
            "CLIPModel config: text_config: vocab_size: got 1099511627776, wanted 1 to 16777216");
}

}  // namespace
}  // namespace mezzotint
