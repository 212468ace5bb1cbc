#include "mezzotint/ops/group_norm.h"

#include <ATen/ops/group_norm.h>
#include <ATen/ops/silu.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mezzotint/ops/engine.h"
#include "mezzotint/ops/normalization.h"

namespace mezzotint::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;

struct GroupNormFunction : torch::autograd::Function<GroupNormFunction> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight,
                        const Tensor& bias, int64_t groups, double eps, bool silu) {
    const ScaleAndShift by = group_norm_scale({x}, {weight, bias, groups, eps, silu});
    ctx->save_for_backward({x, weight, bias, by.mean_bg, by.rstd_bg});
    ctx->saved_data["groups"] = groups;
    ctx->saved_data["silu"] = silu;
    return normalized({x}, by, silu);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Norm norm = {saved[1], saved[2], ctx->saved_data["groups"].toInt(), 0.0,
                       ctx->saved_data["silu"].toBool()};
    const std::vector<Tensor> parts = {saved[0]};
    const ScaleAndShift by = group_norm_scale(norm, saved[3], saved[4]);
    const NormedGrad grad = activation_backward(parts, norm, by, grads[0].contiguous(kLayout),
                                                /*may_overwrite=*/false);
    const NormGrads made = group_norm_backward(parts, norm, by, grad, ctx->needs_input_grad(0));
    return {made.parts.empty() ? Tensor() : made.parts[0],
            made.weight,
            made.bias,
            Tensor(),
            Tensor(),
            Tensor()};
  }
};

bool suits_kernel(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return engine() == Engine::kFast && x.dim() == 4 && x.is_cpu() && bias.defined() &&
         x.scalar_type() == at::kFloat && weight.scalar_type() == at::kFloat &&
         x.is_contiguous(kLayout) && x.numel() > 0;
}

}  // namespace

Tensor group_norm(const Tensor& x_bchw, int64_t groups, const Tensor& weight, const Tensor& bias,
                  double eps, bool silu) {
  if (suits_kernel(x_bchw, weight, bias))
    return GroupNormFunction::apply(x_bchw, weight, bias, groups, eps, silu);
  const Tensor y = at::group_norm(x_bchw, groups, weight, bias, eps);
  return silu ? at::silu(y) : y;
}

}  // namespace mezzotint::ops
