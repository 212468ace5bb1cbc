#include "mezzotint/models/resnet.h"

#include <ATen/ops/empty_like.h>

namespace mezzotint {
namespace {

/// Zeroes elements with the given probability and scales the rest to keep the mean; x itself when
/// not training.
Tensor dropped_out(const Tensor& x, double probability, std::optional<RandomStream> stream) {
  if (probability == 0 || !stream) return x;
  const double kept = 1 - probability;
  // Drawn on the CPU on every device, so that one stream is all the state there is to save.
  const Tensor mask = at::empty_like(x, x.options().device(at::kCPU).requires_grad(false))
                          .bernoulli_(kept, stream->generator())
                          .div_(kept);
  return x * mask.to(x.device());
}

}  // namespace

ResnetSpec resnet_spec(const UNet2DConfig& config, int64_t in, int64_t out) {
  const int64_t groups = *config.norm_num_groups;
  return {.in = in, .out = out, .groups = groups, .groups_out = groups};
}

ResnetBlock2D::ResnetBlock2D(const Params& params, const UNet2DConfig& config,
                             const ResnetSpec& spec)
    : act_(activation(config.act_fn)),
      scale_shift_(config.resnet_time_scale_shift == "scale_shift"),
      dropout_(config.dropout),
      output_scale_(spec.output_scale),
      resample_(spec.resample),
      norm1_(params / "norm1", spec.in, spec.groups, config.norm_eps),
      conv1_(params / "conv1", spec.in, spec.out, 3, 1, 1),
      time_emb_proj_(params / "time_emb_proj", config.temb_channels(),
                     scale_shift_ ? 2 * spec.out : spec.out),
      norm2_(params / "norm2", spec.out, spec.groups_out, config.norm_eps),
      conv2_(params / "conv2", spec.out, spec.out, 3, 1, 1) {
  if (spec.always_shortcut || spec.in != spec.out)
    conv_shortcut_.emplace(params / "conv_shortcut", spec.in, spec.out, 1);
}

Tensor ResnetBlock2D::operator()(const Tensor& x_bchw, const ForwardContext& context) const {
  Tensor h = norm1_.then(act_, x_bchw);
  Tensor shortcut = x_bchw;
  if (resample_) {
    h = resample_(h);
    shortcut = resample_(shortcut);
  }
  h = conv1_(h);
  const Tensor temb = time_emb_proj_(context.activated_temb_be).unsqueeze(-1).unsqueeze(-1);
  if (scale_shift_) {
    const std::vector<Tensor> scale_and_shift = temb.chunk(2, 1);
    h = act_(norm2_(h) * (1 + scale_and_shift[0]) + scale_and_shift[1]);
  } else {
    h = norm2_.then(act_, h + temb);
  }
  h = conv2_(dropped_out(h, dropout_, context.dropout));
  if (conv_shortcut_) shortcut = (*conv_shortcut_)(shortcut);
  const Tensor sum = shortcut + h;
  return output_scale_ == 1 ? sum : sum / output_scale_;
}

}  // namespace mezzotint
