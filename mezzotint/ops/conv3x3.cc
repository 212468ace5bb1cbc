#include "mezzotint/ops/conv3x3.h"

#include <algorithm>
#include <utility>

#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mezzotint/kernels/winograd.h"
#include "mezzotint/ops/engine.h"
#include "mezzotint/ops/group_norm.h"
#include "mezzotint/ops/pointwise.h"
#include "mezzotint/ops/row_product.h"
#include "mezzotint/ops/streamed.h"
#include "mezzotint/ops/winograd.h"

namespace mezzotint::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using OptionalTensor = std::optional<Tensor>;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;

/// With fewer channels than this on both sides the vectors are empty for the most part.
constexpr int64_t kFewestChannels = 16;

OptionalTensor optional(const Tensor& x) { return x.defined() ? OptionalTensor(x) : std::nullopt; }

/// The arguments of the function that are tensors, in their order.
enum Argument {
  kX0,
  kX1,
  kNormWeight,
  kNormBias,
  kWeight,
  kBias,
  kImageBias,
  kAddend,
  kChangeA,
  kChangeB,
  kArguments
};

/// What the backward pass needs of the configuration.
struct Options {
  int64_t groups;
  double eps;
  bool silu, doubled;
  bool forked;   ///< the parts are results too
  double scale;  ///< of the weight's change
};

std::vector<Tensor> parts_of(const Tensor& x0, const Tensor& x1) {
  return x1.defined() ? std::vector<Tensor>{x0, x1} : std::vector<Tensor>{x0};
}

struct Conv3x3Function : torch::autograd::Function<Conv3x3Function> {
  static variable_list forward(AutogradContext* ctx, const Tensor& x0, const OptionalTensor& x1,
                               const OptionalTensor& norm_weight, const OptionalTensor& norm_bias,
                               const Tensor& weight, const OptionalTensor& bias,
                               const OptionalTensor& image_bias, const OptionalTensor& addend,
                               const OptionalTensor& change_a, const OptionalTensor& change_b,
                               const Options& options) {
    const LowRank change = {change_a.value_or(Tensor()), change_b.value_or(Tensor()),
                            options.scale};
    WinogradSource source = {.parts = parts_of(x0, x1.value_or(Tensor())),
                             .silu = options.silu,
                             .doubled = options.doubled};
    ScaleAndShift by;
    if (norm_weight) {
      by = group_norm_scale(source.parts,
                            {*norm_weight, *norm_bias, options.groups, options.eps, options.silu});
      source.scale_bc = by.scale_bc;
      source.shift_bc = by.shift_bc;
    }
    ctx->save_for_backward({x0, x1.value_or(Tensor()), norm_weight.value_or(Tensor()),
                            norm_bias.value_or(Tensor()), weight, by.mean_bg, by.rstd_bg, change.a,
                            change.b});
    ctx->saved_data["groups"] = options.groups;
    ctx->saved_data["silu"] = options.silu;
    ctx->saved_data["doubled"] = options.doubled;
    ctx->saved_data["scale"] = options.scale;
    int64_t given = 1 << kX0 | 1 << kWeight;
    if (x1) given |= 1 << kX1;
    if (norm_weight) given |= 1 << kNormWeight | 1 << kNormBias;
    if (bias) given |= 1 << kBias;
    if (image_bias) given |= 1 << kImageBias;
    if (addend) given |= 1 << kAddend;
    if (change_a) given |= 1 << kChangeA | 1 << kChangeB;
    ctx->saved_data["given"] = given;
    variable_list results = {winograd_conv(
        source, merged(weight, change),
        {bias.value_or(Tensor()), image_bias.value_or(Tensor()), addend.value_or(Tensor())})};
    if (options.forked) results.insert(results.end(), source.parts.begin(), source.parts.end());
    ctx->set_materialize_grads(false);
    return results;
  }

  static variable_list backward(AutogradContext* ctx, variable_list& grads);
};

/// Which arguments' gradients are asked for. Autograd counts only the tensors that were given.
struct Wanted {
  explicit Wanted(AutogradContext* ctx) {
    const int64_t given = ctx->saved_data["given"].toInt();
    size_t edge = 0;
    for (int i = 0; i < kArguments; ++i) of[i] = (given >> i & 1) && ctx->needs_input_grad(edge++);
  }
  bool any(std::initializer_list<Argument> arguments) const {
    return std::ranges::any_of(arguments, [&](Argument a) { return of[a]; });
  }
  bool of[kArguments] = {};
};

/// The gradient of what a norm gave the convolution, passed back to what the norm was given.
NormGrads through_the_norm(const WinogradSource& source, const Norm& norm, const ScaleAndShift& by,
                           const Tensor& grad_y, const Tensor& weight, bool wants_parts,
                           const std::vector<Tensor>& addends) {
  const NormedGrad grad =
      source.doubled
          ? activation_backward(source.parts, norm, by, winograd_input_grad(grad_y, weight, true),
                                /*may_overwrite=*/true)
          : winograd_normed_grad(grad_y, weight, source, channel_means(norm, by.mean_bg));
  return group_norm_backward(source.parts, norm, by, grad, wants_parts, addends);
}

/// The same where there is no norm.
NormGrads part_by_part(const WinogradSource& source, const Tensor& grad_h,
                       const std::vector<Tensor>& addends) {
  NormGrads grads;
  int64_t channel = 0;
  for (const Tensor& part : source.parts) {
    grads.parts.push_back(grad_h.narrow(1, channel, part.size(1)).contiguous(kLayout));
    channel += part.size(1);
  }
  for (size_t i = 0; i < addends.size(); ++i)
    if (addends[i].defined()) grads.parts[i] = grads.parts[i] + addends[i];
  return grads;
}

/// The gradients that come back through forked parts, taken from `grads` so that they may be
/// overwritten.
std::vector<Tensor> grads_of_parts(variable_list& grads) {
  std::vector<Tensor> taken;
  for (size_t i = 1; i < grads.size(); ++i) {
    const Tensor grad = std::exchange(grads[i], Tensor());
    taken.push_back(grad.defined() ? grad.contiguous(kLayout) : grad);
  }
  return taken;
}

/// [B, C, H, W] in channels_last -> [B * H * W, C], the same memory.
Tensor rows_of(const Tensor& x_bchw) {
  return x_bchw.permute({0, 2, 3, 1}).reshape({-1, x_bchw.size(1)});
}

/// dA and dB of y = conv(x, W + scale B A), each if it is wanted.
LowRank change_grads(const WinogradSource& source, const LowRank& change, const Tensor& grad_y,
                     bool wants_a, bool wants_b) {
  LowRank grads;
  if (wants_a) {
    const Tensor back = change.scaled_b().flatten(1).t().contiguous();
    const Tensor grad_low =
        pointwise({.parts = {grad_y}, .weight = back.view({-1, back.size(1), 1, 1})});
    grads.a = winograd_weight_grad(source, grad_low.contiguous(kLayout));
  }
  if (wants_b) {
    const Tensor low = winograd_conv(source, change.a, {});
    grads.b = (row_sums(rows_of(grad_y), rows_of(low)) * change.scale).view(change.b.sizes());
  }
  return grads;
}

variable_list Conv3x3Function::backward(AutogradContext* ctx, variable_list& grads) {
  const auto saved = ctx->get_saved_variables();
  const Tensor &x0 = saved[0], &x1 = saved[1], &norm_weight = saved[2], &norm_bias = saved[3],
               &weight = saved[4], &mean = saved[5], &rstd = saved[6];
  const LowRank change = {saved[7], saved[8], ctx->saved_data["scale"].toDouble()};
  const Wanted wanted(ctx);
  WinogradSource source = {.parts = parts_of(x0, x1),
                           .silu = ctx->saved_data["silu"].toBool(),
                           .doubled = ctx->saved_data["doubled"].toBool()};
  std::optional<Norm> norm;
  ScaleAndShift by;
  if (norm_weight.defined()) {
    norm = {norm_weight, norm_bias, ctx->saved_data["groups"].toInt(), 0.0, source.silu};
    by = group_norm_scale(*norm, mean, rstd);
    source.scale_bc = by.scale_bc;
    source.shift_bc = by.shift_bc;
  }
  variable_list result(kArguments + 1);  // the options have none
  const std::vector<Tensor> addends = grads_of_parts(grads);
  if (!grads[0].defined()) {
    std::ranges::copy(addends, result.begin());
    return result;
  }
  const Tensor grad_y = grads[0].contiguous(kLayout);
  if (wanted.of[kWeight]) result[kWeight] = winograd_weight_grad(source, grad_y);
  if (wanted.any({kBias, kImageBias})) {
    const Tensor sums_bk = pixel_sums(grad_y);
    if (wanted.of[kBias]) result[kBias] = sums_bk.sum(0);
    if (wanted.of[kImageBias]) result[kImageBias] = sums_bk;
  }
  if (wanted.of[kAddend]) result[kAddend] = grad_y;
  if (wanted.any({kChangeA, kChangeB})) {
    const LowRank grads =
        change_grads(source, change, grad_y, wanted.of[kChangeA], wanted.of[kChangeB]);
    result[kChangeA] = grads.a;
    result[kChangeB] = grads.b;
  }
  if (!wanted.any({kX0, kX1, kNormWeight, kNormBias})) return result;
  const Tensor changed = merged(weight, change);
  const NormGrads behind =
      norm ? through_the_norm(source, *norm, by, grad_y, changed, wanted.any({kX0, kX1}), addends)
           : part_by_part(source, winograd_input_grad(grad_y, changed, source.doubled), addends);
  for (size_t i = 0; i < behind.parts.size(); ++i)
    if (wanted.of[kX0 + i]) result[kX0 + i] = behind.parts[i];
  if (wanted.of[kNormWeight]) result[kNormWeight] = behind.weight;
  if (wanted.of[kNormBias]) result[kNormBias] = behind.bias;
  return result;
}

bool is_float_on_cpu(const Tensor& x) {
  return !x.defined() || (x.is_cpu() && x.scalar_type() == at::kFloat);
}

bool suits_winograd(const Conv3x3& work) {
  const Tensor& weight = work.weight;
  if (engine() != Engine::kFast || weight.dim() != 4 || work.parts.size() > 2) return false;
  int64_t channels = 0;
  for (const Tensor& part : work.parts) {
    if (part.dim() != 4 || !is_float_on_cpu(part) || part.numel() == 0) return false;
    channels += part.size(1);
  }
  if (work.norm && !(is_float_on_cpu(work.norm->weight) && is_float_on_cpu(work.norm->bias)))
    return false;
  return channels == weight.size(1) && std::max(channels, weight.size(0)) >= kFewestChannels &&
         is_float_on_cpu(weight) && is_float_on_cpu(work.bias) &&
         is_float_on_cpu(work.image_bias_bk) && is_float_on_cpu(work.addend_bchw) &&
         is_float_on_cpu(work.change.a) && is_float_on_cpu(work.change.b);
}

Forked winograd(const Conv3x3& work, bool forked) {
  std::vector<Tensor> parts = work.parts;
  if (parts.size() == 2 && parts[0].size(1) % kernels::kPartMultiple != 0)
    parts = {at::cat(parts, 1)};
  for (Tensor& part : parts) part = part.contiguous(kLayout);
  const Norm norm = work.norm.value_or(Norm());
  const auto contiguous = [](const Tensor& x, at::MemoryFormat layout) {
    return x.defined() ? OptionalTensor(x.contiguous(layout)) : std::nullopt;
  };
  // In the cache, an addition of its own takes less time than the memory that waits for it.
  const bool forks =
      forked && parts.size() == work.parts.size() && parts[0].numel() >= kStreamedTiles;
  variable_list results = Conv3x3Function::apply(
      parts[0], parts.size() == 2 ? OptionalTensor(parts[1]) : std::nullopt, optional(norm.weight),
      optional(norm.bias), work.weight.contiguous(), optional(work.bias),
      contiguous(work.image_bias_bk, at::MemoryFormat::Contiguous),
      contiguous(work.addend_bchw, kLayout),
      contiguous(work.change.a, at::MemoryFormat::Contiguous),
      contiguous(work.change.b, at::MemoryFormat::Contiguous),
      Options{norm.groups, norm.eps, norm.silu, work.doubled, forks, work.change.scale});
  const Tensor y = results[0];
  results.erase(results.begin());
  return {y, forks ? results : work.parts};
}

Tensor chain_of_ops(const Conv3x3& work) {
  Tensor x = work.parts.size() == 1 ? work.parts[0] : at::cat(work.parts, 1);
  if (const auto& norm = work.norm)
    x = group_norm(x, norm->groups, norm->weight, norm->bias, norm->eps, norm->silu);
  if (work.doubled) x = at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
  Tensor y = at::conv2d(x, work.weight, optional(work.bias), 1, 1);
  if (const LowRank& change = work.change; change.defined())
    y = y + at::conv2d(at::conv2d(x, change.a, std::nullopt, 1, 1), change.scaled_b());
  if (work.image_bias_bk.defined()) y = y + work.image_bias_bk.unsqueeze(-1).unsqueeze(-1);
  return work.addend_bchw.defined() ? work.addend_bchw + y : y;
}

}  // namespace

Tensor conv3x3(const Conv3x3& work) {
  return suits_winograd(work) ? winograd(work, false).y : chain_of_ops(work);
}

Forked conv3x3_forked(const Conv3x3& work) {
  return suits_winograd(work) ? winograd(work, true) : Forked{chain_of_ops(work), work.parts};
}

}  // namespace mezzotint::ops
