#include "mezzotint/models/mid_block.h"

namespace mezzotint {

MidBlock::MidBlock(const Params& params, const UNet2DConfig& config) {
  const int64_t channels = config.block_out_channels.back();
  const int64_t groups = config.groups_for(channels);
  const ResnetSpec resnet{.in = channels,
                          .out = channels,
                          .groups = groups,
                          .groups_out = groups,
                          .output_scale = config.mid_block_scale_factor};
  AttentionSpec attention{.channels = channels,
                          .head_dim = config.attention_head_dim.value_or(channels),
                          .groups = config.attn_norm_num_groups,
                          .eps = config.norm_eps,
                          .output_scale = config.mid_block_scale_factor};
  // With scale_shift there is no norm before the attention, unless its groups are given.
  if (!attention.groups && config.resnet_time_scale_shift == "default") attention.groups = groups;

  const Params attentions = params / "attentions", resnets = params / "resnets";
  if (config.add_attention)
    first_.emplace(resnets / 0, config, resnet, attentions / 0, attention);
  else
    first_.emplace(resnets / 0, config, resnet);
  second_.emplace(resnets / 1, config, resnet);
}

Tensor MidBlock::operator()(const Tensor& x_bchw, const ForwardContext& context) const {
  return (*second_)({(*first_)({x_bchw}, context)}, context);
}

}  // namespace mezzotint
