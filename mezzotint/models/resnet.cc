#include "mezzotint/models/resnet.h"

#include <utility>

#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>

#include "mezzotint/ops/pointwise.h"

namespace mezzotint {
namespace {

/// Zeroes elements with the given probability and scales the rest to keep the mean.
Tensor dropped_out(const Tensor& x, double probability, RandomStream stream) {
  const double kept = 1 - probability;
  // Drawn on the CPU on every device, so that one stream is all the state there is to save.
  const Tensor mask = at::empty_like(x, x.options().device(at::kCPU).requires_grad(false))
                          .bernoulli_(kept, stream.generator())
                          .div_(kept);
  return x * mask.to(x.device());
}

Tensor joined(const std::vector<Tensor>& parts) {
  return parts.size() == 1 ? parts[0] : at::cat(parts, 1);
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

Tensor ResnetBlock2D::shortcut(std::vector<Tensor> parts) const {
  if (resample_) parts = {resample_(joined(parts))};
  if (!conv_shortcut_) return joined(parts);
  return ops::pointwise({.parts = std::move(parts),
                         .weight = conv_shortcut_->weight,
                         .bias = conv_shortcut_->bias,
                         .change = conv_shortcut_->change});
}

/// conv1(act(norm1(x))) + temb, and x for the shortcut.
ops::Forked ResnetBlock2D::first_convolution(std::vector<Tensor> parts,
                                             const Tensor& temb_bk) const {
  ops::Conv3x3 work = conv1_.on(std::move(parts));
  if (!scale_shift_) work.image_bias_bk = temb_bk;
  if (is_silu(act_) && !resample_) {
    work.norm = norm1_.with_silu();
    return ops::conv3x3_forked(work);
  }
  const Tensor h = norm1_.then(act_, joined(work.parts));
  const std::vector<Tensor> x = std::exchange(work.parts, {resample_ ? resample_(h) : h});
  return {ops::conv3x3(work), x};
}

/// conv2(act(norm2(h))) + shortcut, with the time embedding's scale and shift behind the norm.
Tensor ResnetBlock2D::second_convolution(const Tensor& h, const Tensor& temb_bk,
                                         const Tensor& shortcut,
                                         const ForwardContext& context) const {
  ops::Conv3x3 work = conv2_.on({h});
  work.addend_bchw = shortcut;
  const bool drops = dropout_ > 0 && context.dropout;
  if (scale_shift_) {
    const auto scale_and_shift = temb_bk.unsqueeze(-1).unsqueeze(-1).chunk(2, 1);
    work.parts = {act_(norm2_(h) * (1 + scale_and_shift[0]) + scale_and_shift[1])};
  } else if (is_silu(act_) && !drops) {
    work.norm = norm2_.with_silu();
  } else {
    work.parts = {norm2_.then(act_, h)};
  }
  if (drops) work.parts = {dropped_out(work.parts[0], dropout_, *context.dropout)};
  return ops::conv3x3(work);
}

Tensor ResnetBlock2D::operator()(std::vector<Tensor> parts, const ForwardContext& context) const {
  const Tensor temb_bk = time_emb_proj_(context.activated_temb_be);
  ops::Forked first = first_convolution(std::move(parts), temb_bk);
  const Tensor x = shortcut(std::move(first.parts)),
               sum = second_convolution(first.y, temb_bk, x, context);
  return output_scale_ == 1 ? sum : sum / output_scale_;
}

}  // namespace mezzotint
