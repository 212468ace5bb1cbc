#include "mezzotint/models/clip_keys.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace mezzotint {
namespace {

using Rename = std::pair<std::string_view, std::string_view>;

constexpr std::array kWholeKeys = std::to_array<Rename>({
    {"visual.class_embedding", "vision_model.embeddings.class_embedding"},
    {"visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"},
    {"visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight"},
    {"visual.ln_pre.weight", "vision_model.pre_layrnorm.weight"},
    {"visual.ln_pre.bias", "vision_model.pre_layrnorm.bias"},
    {"visual.ln_post.weight", "vision_model.post_layernorm.weight"},
    {"visual.ln_post.bias", "vision_model.post_layernorm.bias"},
    {"visual.proj", "visual_projection.weight"},
    {"token_embedding.weight", "text_model.embeddings.token_embedding.weight"},
    {"positional_embedding", "text_model.embeddings.position_embedding.weight"},
    {"ln_final.weight", "text_model.final_layer_norm.weight"},
    {"ln_final.bias", "text_model.final_layer_norm.bias"},
    {"text_projection", "text_projection.weight"},
});

constexpr std::array kBlocks = std::to_array<Rename>({
    {"visual.transformer.resblocks.", "vision_model.encoder.layers."},
    {"transformer.resblocks.", "text_model.encoder.layers."},
});

/// Within a block.
constexpr std::array kParts = std::to_array<Rename>({
    {"attn.out_proj.", "self_attn.out_proj."},
    {"ln_1.", "layer_norm1."},
    {"ln_2.", "layer_norm2."},
    {"mlp.c_fc.", "mlp.fc1."},
    {"mlp.c_proj.", "mlp.fc2."},
});

constexpr std::array<std::string_view, 3> kOpenAINumbers = {"input_resolution", "context_length",
                                                            "vocab_size"};

/// What checkpoints hold beside weights.
bool is_no_weight(std::string_view key) {
  constexpr std::array<std::string_view, 3> kBuffers = {
      "attn_mask", "text_model.embeddings.position_ids", "vision_model.embeddings.position_ids"};
  return std::ranges::find(kBuffers, key) != kBuffers.end() ||
         std::ranges::find(kOpenAINumbers, key) != kOpenAINumbers.end();
}

std::string renamed(std::string_view key) {
  for (const auto& [theirs, ours] : kWholeKeys)
    if (key == theirs) return std::string(ours);
  for (const auto& [theirs, ours] : kBlocks) {
    if (!key.starts_with(theirs)) continue;
    const std::string_view block = key.substr(theirs.size());
    const size_t dot = std::min(block.find('.'), block.size() - 1);
    std::string_view part = block.substr(dot + 1), part_name;
    for (const auto& [their_part, our_part] : kParts)
      if (part.starts_with(their_part)) {
        part_name = our_part;
        part.remove_prefix(their_part.size());
        break;
      }
    return concat(ours, block.substr(0, dot + 1), part_name, part);
  }
  return std::string(key);
}

/// in_proj_weight and in_proj_bias of a block: queries, keys and values on top of each other.
/// @return whether it was one.
bool take_apart(const std::string& key, const Tensor& tensor, Weights& result) {
  for (const char* kind : {"weight", "bias"}) {
    const std::string ending = concat("attn.in_proj_", kind);
    if (!key.ends_with(ending) || tensor.dim() == 0 || tensor.size(0) % 3 != 0) continue;
    const std::string block = key.substr(0, key.size() - ending.size());
    const int64_t rows = tensor.size(0) / 3;
    int64_t row = 0;
    for (const char* part : {"q", "k", "v"}) {
      result.set(concat(block, "self_attn.", part, "_proj.", kind), tensor.narrow(0, row, rows));
      row += rows;
    }
    return true;
  }
  return false;
}

std::string_view without(std::string_view prefix, std::string_view key) {
  if (key.starts_with(prefix)) key.remove_prefix(prefix.size());
  return key;
}

}  // namespace

Weights rename_clip_weights(const Weights& checkpoint) {
  Weights result;
  for (const auto& [stored_key, tensor] : checkpoint) {
    const std::string_view key = without("text.", without("module.", stored_key));
    if (is_no_weight(key)) continue;
    const std::string ours = renamed(key);
    const bool turned = key == "visual.proj" || key == "text_projection";
    if (take_apart(ours, tensor, result)) continue;
    if (turned && tensor.dim() == 2)
      result.set(ours, tensor.t());
    else
      result.set(ours, key == "logit_scale" && tensor.numel() == 1 ? tensor.reshape({}) : tensor);
  }
  return result;
}

bool is_openai_clip(const Weights& checkpoint) {
  return std::ranges::all_of(
      kOpenAINumbers, [&](std::string_view key) { return checkpoint.contains(std::string(key)); });
}

}  // namespace mezzotint
