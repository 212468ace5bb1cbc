// SkipDownBlock2D, AttnSkipDownBlock2D and their Up twins of diffusers'
// models/unets/unet_2d_blocks.py: the progressive networks of Song et al. 2021, arXiv:2011.13456
// (NCSN++). The picture itself is resampled beside the features: on the way down it is added to
// them, on the way up they are added to it.

#include <algorithm>
#include <numbers>
#include <utility>

#include "mezzotint/models/fir.h"
#include "mezzotint/models/unet_blocks.h"

namespace mezzotint {
namespace {

constexpr int64_t kPictureChannels =
    3;  // fixed in diffusers' blocks, whatever the model's channels are
constexpr int64_t kAttentionGroups = 32;

int64_t groups_of(int64_t channels) { return std::min<int64_t>(channels / 4, 32); }

ResnetSpec skip_resnet_spec(int64_t in, int64_t out) {
  return {.in = in,
          .out = out,
          .groups = groups_of(in),
          .groups_out = groups_of(out),
          .output_scale = std::numbers::sqrt2};
}

ResnetSpec resampling_spec(int64_t channels, Resample resample) {
  ResnetSpec spec = skip_resnet_spec(channels, channels);
  spec.resample = resample;
  spec.always_shortcut = true;
  return spec;
}

AttentionSpec skip_attention_spec(const UNet2DConfig& config, int64_t channels) {
  AttentionSpec spec = attention_spec(config, channels);
  spec.groups = kAttentionGroups;
  spec.output_scale = std::numbers::sqrt2;
  return spec;
}

/// Keys: attentions, resnets, resnet_down, skip_conv.
class SkipDownBlock : public DownBlock {
 public:
  SkipDownBlock(const Params& params, const UNet2DConfig& config, const BlockShape& shape,
                bool attention) {
    const Params attentions = params / "attentions", resnets = params / "resnets";
    for (int64_t i = 0; i < shape.layers; ++i) {
      const int64_t in = i == 0 ? shape.in : shape.out;
      const ResnetSpec spec = skip_resnet_spec(in, shape.out);
      if (attention)
        layers_.emplace_back(resnets / i, config, spec, attentions / i,
                             skip_attention_spec(config, shape.out));
      else
        layers_.emplace_back(resnets / i, config, spec);
    }
    if (!shape.resamples) return;
    resnet_down_.emplace(params / "resnet_down", config, resampling_spec(shape.out, fir_halve));
    skip_conv_.emplace(params / "skip_conv", kPictureChannels, shape.out, 1);
  }

  Tensor forward(Tensor x_bchw, const ForwardContext& context, SideFlow& side) const override {
    for (const ResidualLayer& layer : layers_) {
      x_bchw = layer({x_bchw}, context);
      side.residuals.push_back(x_bchw);
    }
    if (!resnet_down_) return x_bchw;
    side.picture_bchw = fir_halve(side.picture_bchw);
    x_bchw = (*skip_conv_)(side.picture_bchw) + (*resnet_down_)({x_bchw}, context);
    side.residuals.push_back(x_bchw);
    return x_bchw;
  }

 private:
  std::vector<ResidualLayer> layers_;
  std::optional<ResidualLayer> resnet_down_;
  std::optional<Conv2d> skip_conv_;
};

/// Keys: attentions, resnets, resnet_up, skip_conv, skip_norm. Attention stands once, after the
/// residual blocks.
class SkipUpBlock : public UpBlock {
 public:
  SkipUpBlock(const Params& params, const UNet2DConfig& config, const BlockShape& shape,
              bool attention) {
    const Params attentions = params / "attentions", resnets = params / "resnets";
    for (int64_t i = 0; i < shape.layers; ++i) {
      ResnetSpec spec = skip_resnet_spec(joined_channels(shape, i), shape.out);
      // diffusers divides only the residual's channels by 4 here; checkpoints depend on it.
      const int64_t residual = i == shape.layers - 1 ? shape.in : shape.out;
      if (attention) spec.groups = std::min<int64_t>(spec.in - residual + residual / 4, 32);
      layers_.emplace_back(resnets / i, config, spec);
    }
    if (attention) attention_.emplace(attentions / 0, skip_attention_spec(config, shape.out));
    if (!shape.resamples) return;
    resnet_up_.emplace(params / "resnet_up", config, resampling_spec(shape.out, fir_double));
    skip_conv_.emplace(params / "skip_conv", shape.out, kPictureChannels, 3, 1, 1);
    skip_norm_.emplace(params / "skip_norm", shape.out, groups_of(shape.out), config.norm_eps);
  }

  Tensor forward(Tensor x_bchw, const ForwardContext& context, SideFlow& side) const override {
    for (const ResidualLayer& layer : layers_)
      x_bchw = layer(with_residual(std::move(x_bchw), side), context);
    if (attention_) x_bchw = (*attention_)(x_bchw);
    if (side.picture_bchw.defined()) side.picture_bchw = fir_double(side.picture_bchw);
    if (!resnet_up_) return x_bchw;
    ops::Conv3x3 draw = skip_conv_->on({x_bchw});
    draw.norm = skip_norm_->with_silu();
    const Tensor drawn = ops::conv3x3(draw);
    side.picture_bchw = side.picture_bchw.defined() ? side.picture_bchw + drawn : drawn;
    return (*resnet_up_)({x_bchw}, context);
  }

 private:
  std::vector<ResidualLayer> layers_;
  std::optional<Attention> attention_;
  std::optional<ResidualLayer> resnet_up_;
  std::optional<Conv2d> skip_conv_;
  std::optional<GroupNorm> skip_norm_;
};

template <class Block, bool kAttention>
auto make_skip_block(const Params& params, const UNet2DConfig& config, const BlockShape& shape) {
  return std::make_unique<Block>(params, config, shape, kAttention);
}

const Registered<DownBlockFactory> kSkipDown("SkipDownBlock2D",
                                             make_skip_block<SkipDownBlock, false>);
const Registered<DownBlockFactory> kAttnSkipDown("AttnSkipDownBlock2D",
                                                 make_skip_block<SkipDownBlock, true>);
const Registered<UpBlockFactory> kSkipUp("SkipUpBlock2D", make_skip_block<SkipUpBlock, false>);
const Registered<UpBlockFactory> kAttnSkipUp("AttnSkipUpBlock2D",
                                             make_skip_block<SkipUpBlock, true>);

}  // namespace
}  // namespace mezzotint
