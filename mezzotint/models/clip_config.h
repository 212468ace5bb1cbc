#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mezzotint {

// The configuration of CLIPModel: transformers' models/clip/configuration_clip.py, same names, same
// defaults.

/// What the two towers have in common.
struct CLIPTowerConfig {
  int64_t hidden_size = 512;
  int64_t intermediate_size = 2048;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 8;
  std::string hidden_act = "quick_gelu";
  double layer_norm_eps = 1e-5;
  double attention_dropout = 0;
  double initializer_range = 0.02;
  double initializer_factor = 1;
  int64_t projection_dim = 512;

  void tower_fields(auto& f) {
    f("hidden_size", hidden_size, "width of the tower");
    f("intermediate_size", intermediate_size, "width within the two layers of a block's MLP");
    f("num_hidden_layers", num_hidden_layers, "blocks");
    f("num_attention_heads", num_attention_heads, "heads of each block");
    f("hidden_act", hidden_act, "activation of the MLPs", {"quick_gelu", "gelu"});
    f("layer_norm_eps", layer_norm_eps, "added to the variance");
    f("attention_dropout", attention_dropout, "0: no dropout is ever done");
    f("initializer_range", initializer_range, "deviation of a new vision tower's embeddings");
    f("initializer_factor", initializer_factor, "multiplies the deviation of all new weights");
    f("projection_dim", projection_dim, "of a tower that stands alone; CLIPModel has its own");
  }
};

struct CLIPTextConfig : CLIPTowerConfig {
  int64_t vocab_size = 49408;
  int64_t max_position_embeddings = 77;
  int64_t pad_token_id = 1;
  int64_t bos_token_id = 49406;
  /// The text's embedding is that of the first token with this number; 2, which configurations had
  /// before transformers 4.31, stands for the token with the largest number, as OpenAI has it.
  int64_t eos_token_id = 49407;

  void fields(auto& f) {
    tower_fields(f);
    f("vocab_size", vocab_size, "number of tokens");
    f("max_position_embeddings", max_position_embeddings, "tokens of the longest text");
    f("pad_token_id", pad_token_id, "fills up short texts");
    f("bos_token_id", bos_token_id, "begins a text");
    f("eos_token_id", eos_token_id, "ends a text; 2: whichever number is the largest");
  }
  bool pools_largest() const { return eos_token_id == 2; }
};

struct CLIPVisionConfig : CLIPTowerConfig {
  CLIPVisionConfig() {
    hidden_size = 768;
    intermediate_size = 3072;
    num_attention_heads = 12;
  }
  int64_t num_channels = 3;
  int64_t image_size = 224;
  int64_t patch_size = 32;

  void fields(auto& f) {
    tower_fields(f);
    f("num_channels", num_channels, "channels of a picture");
    f("image_size", image_size, "height and width of a picture");
    f("patch_size", patch_size, "height and width of a patch");
  }
  /// Patches along a side; what is left over at the right and below isn't looked at.
  int64_t grid_size() const { return image_size / patch_size; }
};

struct CLIPConfig {
  CLIPTextConfig text_config;
  CLIPVisionConfig vision_config;
  int64_t projection_dim = 512;
  double logit_scale_init_value = 2.6592;
  double initializer_factor = 1;

  void fields(auto& f) {
    f("text_config", text_config, "the text tower");
    f("vision_config", vision_config, "the vision tower");
    f("projection_dim", projection_dim, "length of an embedding");
    f("logit_scale_init_value", logit_scale_init_value, "how a new logit_scale starts");
    f("initializer_factor", initializer_factor, "multiplies the deviation of new projections");
  }

  /// @throws Error naming the field, what it is and what it can be.
  void validate() const;
};

/// A config.json, read.
struct ReadCLIPConfig {
  CLIPConfig config;
  nlohmann::json saved;                   ///< to write back: every field, unknown keys kept
  std::vector<std::string> unknown_keys;  ///< those of a tower as "text_config.KEY"
};

/// Reads transformers' config.json of a CLIPModel. What `text_config_dict` and `vision_config_dict`
/// of older files say goes before the rest, as in transformers. @throws Error naming the key that
/// is wrong, and for a file of one tower alone.
ReadCLIPConfig read_clip_config(const nlohmann::json& json);

}  // namespace mezzotint
