#include "mezzotint/ops/group_norm.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mezzotint/kernels/group_norm.h"

namespace mezzotint::ops {
namespace {

using kernels::GroupNormShape;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;

GroupNormShape shape_of(const Tensor& x, int64_t groups, double eps, bool silu) {
  return {static_cast<size_t>(x.size(2) * x.size(3)), static_cast<size_t>(x.size(1)),
          static_cast<size_t>(groups), eps, silu};
}

struct GroupNormFunction : torch::autograd::Function<GroupNormFunction> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight,
                        const Tensor& bias, int64_t groups, double eps, bool silu) {
    const GroupNormShape shape = shape_of(x, groups, eps, silu);
    Tensor y = at::empty_like(x);
    Tensor mean = at::empty({x.size(0), groups}, x.options()), rstd = at::empty_like(mean);
    at::parallel_for(0, x.size(0), 1, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n)
        kernels::group_norm_forward(
            shape, x.const_data_ptr<float>() + n * x.stride(0), weight.const_data_ptr<float>(),
            bias.const_data_ptr<float>(), y.data_ptr<float>() + n * x.stride(0),
            mean.data_ptr<float>() + n * groups, rstd.data_ptr<float>() + n * groups);
    });
    ctx->save_for_backward({x, weight, bias, mean, rstd});
    ctx->saved_data["groups"] = groups;
    ctx->saved_data["eps"] = eps;
    ctx->saved_data["silu"] = silu;
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &bias = saved[2], &mean = saved[3],
                 &rstd = saved[4];
    const int64_t groups = ctx->saved_data["groups"].toInt(), batch = x.size(0),
                  channels = x.size(1);
    const GroupNormShape shape =
        shape_of(x, groups, ctx->saved_data["eps"].toDouble(), ctx->saved_data["silu"].toBool());
    const Tensor grad_y = grads[0].contiguous(kLayout);
    Tensor grad_x = at::empty_like(x);
    // One row a picture, added afterwards in their order: the same bits with any number of threads.
    Tensor grad_weight = at::zeros({batch, channels}, x.options()),
           grad_bias = at::zeros({batch, channels}, x.options());
    at::parallel_for(0, batch, 1, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n)
        kernels::group_norm_backward(
            shape, grad_y.const_data_ptr<float>() + n * x.stride(0),
            x.const_data_ptr<float>() + n * x.stride(0), weight.const_data_ptr<float>(),
            bias.const_data_ptr<float>(), mean.const_data_ptr<float>() + n * groups,
            rstd.const_data_ptr<float>() + n * groups, grad_x.data_ptr<float>() + n * x.stride(0),
            grad_weight.data_ptr<float>() + n * channels,
            grad_bias.data_ptr<float>() + n * channels);
    });
    return {grad_x, grad_weight.sum(0), grad_bias.sum(0), Tensor(), Tensor(), Tensor()};
  }
};

bool suits_kernel(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const bool floats = x.scalar_type() == at::kFloat && weight.scalar_type() == at::kFloat;
  // A single picture would leave all but one thread idle.
  return x.dim() == 4 && x.is_cpu() && floats && bias.defined() && x.is_contiguous(kLayout) &&
         (x.size(0) >= at::get_num_threads());
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
