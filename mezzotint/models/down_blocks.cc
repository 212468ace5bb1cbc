// DownBlock2D, AttnDownBlock2D and ResnetDownsampleBlock2D of diffusers'
// models/unets/unet_2d_blocks.py.

#include "mezzotint/models/downsampling.h"
#include "mezzotint/models/unet_blocks.h"

namespace mezzotint {
namespace {

/// Residual blocks, each with attention after it if asked for, then a sampler. Keys: attentions,
/// resnets, downsamplers.
class PlainDownBlock : public DownBlock {
 public:
  PlainDownBlock(const Params& params, const UNet2DConfig& config, const BlockShape& shape,
                 bool attention, Sampler sampler) {
    const Params attentions = params / "attentions", resnets = params / "resnets";
    for (int64_t i = 0; i < shape.layers; ++i) {
      const int64_t in = i == 0 ? shape.in : shape.out;
      const ResnetSpec spec = resnet_spec(config, in, shape.out);
      if (attention)
        layers_.emplace_back(resnets / i, config, spec, attentions / i,
                             attention_spec(config, shape.out));
      else
        layers_.emplace_back(resnets / i, config, spec);
    }
    if (!shape.resamples) return;
    const Params down = params / "downsamplers" / 0;
    if (sampler == Sampler::kConv) {
      conv_.emplace(down, shape.out, config.downsample_padding);
    } else {
      ResnetSpec spec = resnet_spec(config, shape.out, shape.out);
      spec.resample = halve_average;
      resample_.emplace(down, config, spec);
    }
  }

  Tensor forward(Tensor x_bchw, const ForwardContext& context, SideFlow& side) const override {
    for (const ResidualLayer& layer : layers_) {
      x_bchw = layer({x_bchw}, context);
      side.residuals.push_back(x_bchw);
    }
    if (!conv_ && !resample_) return x_bchw;
    x_bchw = conv_ ? (*conv_)(x_bchw) : (*resample_)({x_bchw}, context);
    side.residuals.push_back(x_bchw);
    return x_bchw;
  }

 private:
  std::vector<ResidualLayer> layers_;
  std::optional<Downsample2D> conv_;
  std::optional<ResidualLayer> resample_;
};

const Registered<DownBlockFactory> kDown("DownBlock2D", [](const Params& params,
                                                           const UNet2DConfig& config,
                                                           const BlockShape& shape) {
  return std::make_unique<PlainDownBlock>(params, config, shape, false, Sampler::kConv);
});

const Registered<DownBlockFactory> kAttnDown("AttnDownBlock2D", [](const Params& params,
                                                                   const UNet2DConfig& config,
                                                                   const BlockShape& shape) {
  return std::make_unique<PlainDownBlock>(params, config, shape, true,
                                          sampler_of(config.downsample_type));
});

const Registered<DownBlockFactory> kResnetDown(
    "ResnetDownsampleBlock2D",
    [](const Params& params, const UNet2DConfig& config, const BlockShape& shape) {
      return std::make_unique<PlainDownBlock>(params, config, shape, false, Sampler::kResnet);
    });

}  // namespace
}  // namespace mezzotint
