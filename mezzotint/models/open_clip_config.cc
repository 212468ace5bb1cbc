#include "mezzotint/models/open_clip_config.h"

#include <cmath>
#include <utility>
#include <vector>

#include "mezzotint/base/fields.h"

namespace mezzotint {
namespace {

using nlohmann::json;

constexpr const char* kWhere = "open_clip model_cfg";

struct VisionCfg {
  int64_t layers = 12;
  int64_t width = 768;
  int64_t head_width = 64;
  double mlp_ratio = 4;
  int64_t patch_size = 16;
  int64_t image_size = 224;
  void fields(auto& f) {
    f("layers", layers, "blocks");
    f("width", width, "channels");
    f("head_width", head_width, "channels of a head");
    f("mlp_ratio", mlp_ratio, "width within an MLP, in widths");
    f("patch_size", patch_size, "pixels along the side of a patch");
    f("image_size", image_size, "pixels along the side of a picture");
  }
};

struct TextCfg {
  int64_t context_length = 77;
  int64_t vocab_size = 49408;
  int64_t width = 512;
  int64_t heads = 8;
  int64_t layers = 12;
  double mlp_ratio = 4;
  std::string pool_type = "argmax";
  int64_t eos_id = 2;
  void fields(auto& f) {
    f("context_length", context_length, "tokens of the longest text");
    f("vocab_size", vocab_size, "number of tokens");
    f("width", width, "channels");
    f("heads", heads, "heads of a block");
    f("layers", layers, "blocks");
    f("mlp_ratio", mlp_ratio, "width within an MLP, in widths");
    f("pool_type", pool_type, "which token is the text's");
    f("eos_id", eos_id, "the token for pool_type eos");
  }
};

struct ModelCfg {
  int64_t embed_dim = 512;
  bool quick_gelu = false;
  double init_logit_scale = 2.6592;
  void fields(auto& f) {
    f("embed_dim", embed_dim, "length of an embedding");
    f("quick_gelu", quick_gelu, "OpenAI's activation");
    f("init_logit_scale", init_logit_scale, "how a new logit_scale starts");
  }
};

/// What open_clip can build and this library can't: anything but these values.
using OnlyValues = std::vector<std::pair<const char*, json>>;

void refuse_others(const json& object, const std::string& where, const OnlyValues& only) {
  for (const auto& [key, value] : only)
    if (object.contains(key) && object.at(key) != value && !object.at(key).is_null())
      fail(where, ": ", key, " ", object.at(key).dump().substr(0, 80),
           " isn't supported; wanted a plain CLIP");
}

const OnlyValues& only_plain_blocks() {
  static const OnlyValues kOnly = {{"ls_init_value", nullptr},
                                   {"act_kwargs", nullptr},
                                   {"norm_kwargs", nullptr},
                                   {"block_type", "default"},
                                   {"final_ln_after_pool", false},
                                   {"qk_norm", false},
                                   {"scaled_cosine_attn", false},
                                   {"scale_heads", false},
                                   {"scale_attn_inner", false},
                                   {"scale_attn", false},
                                   {"scale_fc", false}};
  return kOnly;
}

json tower(const json& model_cfg, const char* name) {
  const json cfg = model_cfg.value(name, json::object());
  MEZZO_CHECK(cfg.is_object(), kWhere, ": ", name, ": got ", cfg.dump().substr(0, 80),
              ", wanted an object");
  return cfg;
}

int64_t widened(int64_t width, double ratio) {
  MEZZO_CHECK(ratio > 0 && ratio < 1e3, kWhere, ": mlp_ratio: got ", ratio, ", wanted about 4");
  return static_cast<int64_t>(static_cast<double>(width) * ratio);
}

json vision_config(const json& model_cfg) {
  const json cfg = tower(model_cfg, "vision_cfg");
  const std::string where = concat(kWhere, ": vision_cfg");
  MEZZO_CHECK(!cfg.value("layers", json()).is_array(), where,
              ": a ResNet isn't supported; wanted a vision transformer (ViT)");
  refuse_others(cfg, where, only_plain_blocks());
  refuse_others(cfg, where,
                {{"timm_model_name", nullptr},
                 {"attentional_pool", false},
                 {"no_ln_pre", false},
                 {"pos_embed_type", "learnable"},
                 {"pool_type", "tok"}});
  VisionCfg vision;
  from_json(vision, cfg, where);
  MEZZO_CHECK(vision.head_width >= 1, where, ": head_width: got ", vision.head_width,
              ", wanted at least 1");
  return {{"hidden_size", vision.width},
          {"intermediate_size", widened(vision.width, vision.mlp_ratio)},
          {"num_hidden_layers", vision.layers},
          {"num_attention_heads", vision.width / vision.head_width},
          {"patch_size", vision.patch_size},
          {"image_size", vision.image_size}};
}

json text_config(const json& model_cfg) {
  const json cfg = tower(model_cfg, "text_cfg");
  const std::string where = concat(kWhere, ": text_cfg");
  refuse_others(cfg, where, only_plain_blocks());
  refuse_others(cfg, where,
                {{"hf_model_name", nullptr},
                 {"embed_cls", false},
                 {"no_causal_mask", false},
                 {"proj_bias", false},
                 {"proj_type", "linear"}});
  TextCfg text;
  from_json(text, cfg, where);
  // transformers knows the largest number as eos_token_id 2.
  const bool ends = text.pool_type == "eos" && text.eos_id != 2;
  MEZZO_CHECK(ends || text.pool_type == "argmax", where, ": pool_type ", text.pool_type,
              " with eos_id ", text.eos_id, " isn't supported; wanted argmax");
  return {{"hidden_size", text.width},
          {"intermediate_size", widened(text.width, text.mlp_ratio)},
          {"num_hidden_layers", text.layers},
          {"num_attention_heads", text.heads},
          {"vocab_size", text.vocab_size},
          {"max_position_embeddings", text.context_length},
          {"eos_token_id", ends ? text.eos_id : 2}};
}

/// The sizes of a tensor of a checkpoint, which has this many dimensions.
IntArrayRef sizes_of(const Weights& weights, const std::string& key, size_t dimensions) {
  const Tensor tensor = weights.find(key);
  MEZZO_CHECK(tensor.defined(), "CLIP weights: no tensor ", key,
              "; wanted OpenAI's CLIP, open_clip's or transformers', with a vision transformer");
  const IntArrayRef sizes = weights.at(key).sizes();
  MEZZO_CHECK(sizes.size() == dimensions && tensor.numel() > 0, "CLIP weights: ", key,
              " has shape ", sizes, ", wanted ", dimensions, " dimensions");
  return sizes;
}

json tower_shapes(const Weights& weights, const std::string& model, const std::string& act) {
  const std::string layers = model + ".encoder.layers.";
  const IntArrayRef fc1 = sizes_of(weights, layers + "0.mlp.fc1.weight", 2);
  int64_t count = 0;
  while (weights.contains(concat(layers, count, ".mlp.fc1.weight"))) ++count;
  return {{"hidden_size", fc1[1]},
          {"intermediate_size", fc1[0]},
          {"num_hidden_layers", count},
          {"hidden_act", act}};
}

int64_t heads(int64_t width, bool vision) {
  int64_t head_width = 64;
  if (vision)  // open_clip's ViT-H, g, bigG and e
    for (const auto& [wide, its] :
         {std::pair<int64_t, int64_t>{1280, 80}, {1408, 88}, {1664, 104}, {1792, 112}})
      if (width == wide) head_width = its;
  MEZZO_CHECK(width % head_width == 0, "CLIP weights: a ", vision ? "vision" : "text", " tower of ",
              width, " channels doesn't tell its number of heads; put a config.json",
              " or open_clip_config.json beside the weights and load the folder");
  return width / head_width;
}

}  // namespace

json clip_config_from_open_clip(const json& model_cfg) {
  try {
    MEZZO_CHECK(model_cfg.is_object(), kWhere, ": got ", model_cfg.dump().substr(0, 80),
                ", wanted an object");
    refuse_others(model_cfg, kWhere, {{"multimodal_cfg", nullptr}, {"init_logit_bias", nullptr}});
    ModelCfg model;
    from_json(model, model_cfg, kWhere);
    json vision = vision_config(model_cfg), text = text_config(model_cfg);
    vision["hidden_act"] = text["hidden_act"] = model.quick_gelu ? "quick_gelu" : "gelu";
    return {{"projection_dim", model.embed_dim},
            {"logit_scale_init_value", model.init_logit_scale},
            {"vision_config", std::move(vision)},
            {"text_config", std::move(text)}};
  } catch (const Error& error) {
    throw Error(error.what(), ErrorKind::kFailed);  // a file is wrong, not the command line
  }
}

json clip_config_from_shapes(const Weights& weights, const std::string& hidden_act) {
  MEZZO_CHECK(!weights.contains("visual.attnpool.positional_embedding"),
              "CLIP weights: a ResNet isn't supported; wanted a vision transformer (ViT)");
  const std::string embeddings = ".embeddings.position_embedding.weight";
  const IntArrayRef patch = sizes_of(weights, "vision_model.embeddings.patch_embedding.weight", 4);
  const int64_t positions = sizes_of(weights, "vision_model" + embeddings, 2)[0] - 1;
  const auto grid = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(positions))));
  MEZZO_CHECK(grid > 0 && grid * grid == positions, "CLIP weights: vision_model", embeddings,
              " has ", positions + 1, " rows, wanted one more than a square number");
  json vision = tower_shapes(weights, "vision_model", hidden_act);
  vision["num_attention_heads"] = heads(patch[0], true);
  vision["num_channels"] = patch[1];
  vision["patch_size"] = patch[3];
  vision["image_size"] = grid * patch[3];
  json text = tower_shapes(weights, "text_model", hidden_act);
  const IntArrayRef tokens = sizes_of(weights, "text_model.embeddings.token_embedding.weight", 2);
  text["num_attention_heads"] = heads(tokens[1], false);
  text["vocab_size"] = tokens[0];
  text["max_position_embeddings"] = sizes_of(weights, "text_model" + embeddings, 2)[0];
  text["eos_token_id"] = 2;
  return {{"projection_dim", sizes_of(weights, "text_projection.weight", 2)[0]},
          {"vision_config", std::move(vision)},
          {"text_config", std::move(text)}};
}

}  // namespace mezzotint
