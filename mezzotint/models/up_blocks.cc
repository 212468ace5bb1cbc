// UpBlock2D, AttnUpBlock2D and ResnetUpsampleBlock2D of diffusers' models/unets/unet_2d_blocks.py.

#include <utility>

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
      const ResnetSpec spec = resnet_spec(config, joined_channels(shape, i), shape.out);
      if (attention)
        layers_.emplace_back(resnets / i, config, spec, attentions / i,
                             attention_spec(config, shape.out));
      else
        layers_.emplace_back(resnets / i, config, spec);
    }
    if (!shape.resamples) return;
    const Params up = params / "upsamplers" / 0;
    if (sampler == Sampler::kConv) {
      conv_.emplace(up, shape.out);
    } else {
      ResnetSpec spec = resnet_spec(config, shape.out, shape.out);
      spec.resample = double_nearest;
      resample_.emplace(up, config, spec);
    }
  }

  Tensor forward(Tensor x_bchw, const ForwardContext& context, SideFlow& side) const override {
    for (const ResidualLayer& layer : layers_)
      x_bchw = layer(with_residual(std::move(x_bchw), side), context);
    if (conv_) return (*conv_)(x_bchw);
    return resample_ ? (*resample_)({x_bchw}, context) : x_bchw;
  }

 private:
  std::vector<ResidualLayer> layers_;
  std::optional<Upsample2D> conv_;
  std::optional<ResidualLayer> resample_;
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
