// UpBlock2D, AttnUpBlock2D and ResnetUpsampleBlock2D of diffusers' models/unets/unet_2d_blocks.py.

#include "mezzotint/models/unet_blocks.h"
#include "mezzotint/models/upsampling.h"

namespace mezzotint {
namespace {

/// Residual blocks over the features and one residual each, with attention after each if asked for,
/// then a sampler. Keys: attentions, resnets, upsamplers.
class PlainUpBlock : public UpBlock {
 public:
  PlainUpBlock(const Params& params, const UNet2DConfig& config, const BlockShape& shape,
               bool attention, Sampler sampler) {
    const Params attentions = params / "attentions", resnets = params / "resnets";
    for (int64_t i = 0; i < shape.layers; ++i) {
      resnets_.emplace_back(resnets / i, config,
                            resnet_spec(config, joined_channels(shape, i), shape.out));
      if (attention) attentions_.emplace_back(attentions / i, attention_spec(config, shape.out));
    }
    if (!shape.resamples) return;
    const Params up = params / "upsamplers" / 0;
    if (sampler == Sampler::kConv) {
      conv_.emplace(up, shape.out);
    } else {
      ResnetSpec spec = resnet_spec(config, shape.out, shape.out);
      spec.resample = double_nearest;
      resnet_.emplace(up, config, spec);
    }
  }

  Tensor forward(Tensor x_bchw, const ForwardContext& context, SideFlow& side) const override {
    for (size_t i = 0; i < resnets_.size(); ++i) {
      x_bchw = resnets_[i](with_residual(x_bchw, side), context);
      if (!attentions_.empty()) x_bchw = attentions_[i](x_bchw);
    }
    if (conv_) return (*conv_)(x_bchw);
    return resnet_ ? (*resnet_)({x_bchw}, context) : x_bchw;
  }

 private:
  std::vector<ResnetBlock2D> resnets_;
  std::vector<Attention> attentions_;
  std::optional<Upsample2D> conv_;
  std::optional<ResnetBlock2D> resnet_;
};

const Registered<UpBlockFactory> kUp("UpBlock2D", [](const Params& params,
                                                     const UNet2DConfig& config,
                                                     const BlockShape& shape) {
  return std::make_unique<PlainUpBlock>(params, config, shape, false, Sampler::kConv);
});

const Registered<UpBlockFactory> kAttnUp("AttnUpBlock2D", [](const Params& params,
                                                             const UNet2DConfig& config,
                                                             const BlockShape& shape) {
  return std::make_unique<PlainUpBlock>(params, config, shape, true,
                                        sampler_of(config.upsample_type));
});

const Registered<UpBlockFactory> kResnetUp("ResnetUpsampleBlock2D", [](const Params& params,
                                                                       const UNet2DConfig& config,
                                                                       const BlockShape& shape) {
  return std::make_unique<PlainUpBlock>(params, config, shape, false, Sampler::kResnet);
});

}  // namespace
}  // namespace mezzotint
