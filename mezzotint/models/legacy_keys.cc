#include "mezzotint/models/legacy_keys.h"

#include <regex>
#include <string>
#include <utility>

namespace mezzotint {
namespace {

using Rename = std::pair<const char*, const char*>;

constexpr Rename kConfigKeys[] = {
    {"image_size", "sample_size"},
    {"num_res_blocks", "layers_per_block"},
    {"block_channels", "block_out_channels"},
    {"down_blocks", "down_block_types"},
    {"up_blocks", "up_block_types"},
    {"downscale_freq_shift", "freq_shift"},
    {"resnet_num_groups", "norm_num_groups"},
    {"resnet_act_fn", "act_fn"},
    {"resnet_eps", "norm_eps"},
    {"num_head_channels", "attention_head_dim"},
};

constexpr Rename kTopModules[] = {
    {"time_steps.", "time_proj."},
    {"mid.", "mid_block."},
    {"downsample_blocks.", "down_blocks."},
    {"upsample_blocks.", "up_blocks."},
};

std::string renamed_top_module(const std::string& key) {
  for (const auto& [old_name, new_name] : kTopModules)
    if (key.starts_with(old_name)) return new_name + key.substr(std::string(old_name).size());
  return key;
}

std::string renamed_projection(const std::string& key) {
  static const std::regex kAttention(
      R"((.*\battentions\.\d+\.)(query|key|value|proj_attn)\.(weight|bias))");
  std::smatch parts;
  if (!std::regex_match(key, parts, kAttention)) return key;
  const std::string old_name = parts[2];
  const std::string new_name = old_name == "query"   ? "to_q"
                               : old_name == "key"   ? "to_k"
                               : old_name == "value" ? "to_v"
                                                     : "to_out.0";
  return parts[1].str() + new_name + "." + parts[3].str();
}

/// The key whose tensor this one repeats, or the key itself.
std::string twin_of(const std::string& key) {
  static const std::regex kSampler(
      R"((.*\b(?:down|up)samplers\.\d+\.)(op|Conv2d_0)\.(weight|bias))");
  std::smatch parts;
  if (std::regex_match(key, parts, kSampler)) return parts[1].str() + "conv." + parts[3].str();
  return key == "time_proj.W" ? "time_proj.weight" : key;
}

}  // namespace

nlohmann::json rename_legacy_config(const nlohmann::json& json) {
  nlohmann::json renamed = json;
  if (!renamed.is_object()) return renamed;
  for (const auto& [old_name, new_name] : kConfigKeys) {
    const auto found = renamed.find(old_name);
    if (found == renamed.end()) continue;
    if (!renamed.contains(new_name)) renamed[new_name] = *found;
    renamed.erase(old_name);
  }
  return renamed;
}

Weights rename_legacy_weights(const Weights& checkpoint) {
  Weights named;
  for (const auto& [key, tensor] : checkpoint)
    named.set(renamed_projection(renamed_top_module(key)), tensor);
  Weights result;
  for (const auto& [key, tensor] : named) {
    const std::string twin = twin_of(key);
    if (twin == key || !named.contains(twin)) result.set(twin, tensor);
  }
  return result;
}

}  // namespace mezzotint
