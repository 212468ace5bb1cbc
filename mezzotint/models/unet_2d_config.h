#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace mezzotint {

/// The configuration of UNet2DModel: diffusers' models/unets/unet_2d.py, same names, same defaults.
struct UNet2DConfig {
  nlohmann::json sample_size = nullptr;  ///< null, a number or [height, width]
  int64_t in_channels = 3;
  int64_t out_channels = 3;
  bool center_input_sample = false;
  std::string time_embedding_type = "positional";
  std::optional<int64_t> time_embedding_dim;
  double freq_shift = 0;
  bool flip_sin_to_cos = true;
  std::vector<std::string> down_block_types = {"DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D",
                                               "AttnDownBlock2D"};
  std::optional<std::string> mid_block_type = "UNetMidBlock2D";
  std::vector<std::string> up_block_types = {"AttnUpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D",
                                             "UpBlock2D"};
  std::vector<int64_t> block_out_channels = {224, 448, 672, 896};
  int64_t layers_per_block = 2;
  double mid_block_scale_factor = 1;
  int64_t downsample_padding = 1;
  std::string downsample_type = "conv";
  std::string upsample_type = "conv";
  double dropout = 0.0;
  std::string act_fn = "silu";
  std::optional<int64_t> attention_head_dim = 8;
  std::optional<int64_t> norm_num_groups = 32;
  std::optional<int64_t> attn_norm_num_groups;
  double norm_eps = 1e-5;
  std::string resnet_time_scale_shift = "default";
  bool add_attention = true;
  std::optional<std::string> class_embed_type;
  std::optional<int64_t> num_class_embeds;
  std::optional<int64_t> num_train_timesteps;

  void fields(auto& f) {
    f("sample_size", sample_size, "height and width, or one number for both");
    f("in_channels", in_channels, "channels of the input");
    f("out_channels", out_channels, "channels of the output");
    f("center_input_sample", center_input_sample, "map the input from [0, 1] to [-1, 1] first");
    f("time_embedding_type", time_embedding_type, "how the timestep is embedded",
      {"positional", "fourier", "learned"});
    f("time_embedding_dim", time_embedding_dim, "width of the embedding; null: 4 x first block");
    f("freq_shift", freq_shift, "shift of the positional frequencies");
    f("flip_sin_to_cos", flip_sin_to_cos, "cosines before sines");
    f("down_block_types", down_block_types, "blocks on the way down");
    f("mid_block_type", mid_block_type, "block in the middle", {"UNetMidBlock2D"});
    f("up_block_types", up_block_types, "blocks on the way up");
    f("block_out_channels", block_out_channels, "channels of each block");
    f("layers_per_block", layers_per_block, "residual blocks in each down block; up has one more");
    f("mid_block_scale_factor", mid_block_scale_factor, "divides what the middle block gives");
    f("downsample_padding", downsample_padding, "1, or 0: pad right and bottom only");
    f("downsample_type", downsample_type, "how attention blocks halve", {"conv", "resnet"});
    f("upsample_type", upsample_type, "how attention blocks double", {"conv", "resnet"});
    f("dropout", dropout, "probability, while training");
    f("act_fn", act_fn, "silu, swish, mish, gelu or relu");
    f("attention_head_dim", attention_head_dim, "channels of a head; null: one head");
    f("norm_num_groups", norm_num_groups, "groups of each GroupNorm");
    f("attn_norm_num_groups", attn_norm_num_groups, "the same for the middle block's attention");
    f("norm_eps", norm_eps, "added to the variance");
    f("resnet_time_scale_shift", resnet_time_scale_shift, "how the embedding enters",
      {"default", "scale_shift"});
    f("add_attention", add_attention, "attention in the middle block");
    f("class_embed_type", class_embed_type, "how labels are embedded", {"timestep", "identity"});
    f("num_class_embeds", num_class_embeds, "number of classes of a learned label embedding");
    f("num_train_timesteps", num_train_timesteps, "rows of a learned time embedding");
  }

  /// Channels of the time embedding.
  int64_t temb_channels() const {
    return time_embedding_dim.value_or(0) ? *time_embedding_dim : 4 * block_out_channels.at(0);
  }
  /// Groups of a GroupNorm over `channels` where norm_num_groups may be null (the Skip nets).
  int64_t groups_for(int64_t channels) const;
  /// Height and width that sample_size names; 0, 0 when it is null.
  std::pair<int64_t, int64_t> height_width() const;
  /// H and W must be multiples of this: every block but the last halves.
  int64_t size_multiple() const { return int64_t{1} << (down_block_types.size() - 1); }

  /// @throws Error naming the field, what it is and what it can be.
  void validate() const;
};

/// A config.json, read.
struct ReadUNet2DConfig {
  UNet2DConfig config;
  nlohmann::json saved;  ///< to write back: every field, unknown keys kept, legacy names renamed
  std::vector<std::string> unknown_keys;
};

/// Reads config.json, also under the names of diffusers' first releases. @throws Error naming the
/// key that is wrong.
ReadUNet2DConfig read_unet_2d_config(const nlohmann::json& json);

}  // namespace mezzotint
