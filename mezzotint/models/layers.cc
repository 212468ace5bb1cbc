#include "mezzotint/models/layers.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <vector>

#include <ATen/ops/gelu.h>
#include <ATen/ops/mish.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/ops/conv2d.h"
#include "mezzotint/ops/group_norm.h"
#include "mezzotint/ops/linear.h"

namespace mezzotint {

Linear::Linear(const Params& params, int64_t in, int64_t out)
    : weight(params.get("weight", {out, in}, Init::kUniform, in)),
      bias(params.get("bias", {out}, Init::kUniform, in)),
      change(params.change()) {}

Linear::Linear(const Params& params, int64_t in, int64_t out, double deviation)
    : weight(params.get("weight", {out, in}, Init::kScaledNormal, deviation)),
      bias(params.get("bias", {out}, Init::kZeros)),
      change(params.change()) {}

Tensor Linear::operator()(const Tensor& x) const { return plus(x, {}); }

Tensor Linear::plus(const Tensor& x, const Tensor& addend) const {
  return ops::linear(x, weight, bias, addend, change);
}

Conv2d::Conv2d(const Params& params, int64_t in, int64_t out, int64_t kernel, int64_t stride,
               int64_t padding)
    : weight(params.get("weight", {out, in, kernel, kernel}, Init::kUniform, in * kernel * kernel)),
      bias(params.get("bias", {out}, Init::kUniform, in * kernel * kernel)),
      change(params.change()),
      stride(stride),
      padding(padding) {}

Tensor Conv2d::operator()(const Tensor& x_bchw) const {
  return ops::conv2d(x_bchw, weight, bias, stride, padding, change);
}

ops::Conv3x3 Conv2d::on(std::vector<Tensor> parts) const {
  return {.parts = std::move(parts), .weight = weight, .bias = bias, .change = change};
}

GroupNorm::GroupNorm(const Params& params, int64_t channels, int64_t groups, double eps)
    : weight(params.get("weight", {channels}, Init::kOnes)),
      bias(params.get("bias", {channels}, Init::kZeros)),
      groups(groups),
      eps(eps) {
  MEZZO_CHECK(groups > 0 && channels % groups == 0, params.scope(), ": ",
              counted(channels, "channel"), " can't be divided into ", counted(groups, "group"),
              "; change norm_num_groups or block_out_channels");
}

Tensor GroupNorm::operator()(const Tensor& x_bchw) const {
  return ops::group_norm(x_bchw, groups, weight, bias, eps);
}

static Tensor silu_of(const Tensor& x) { return at::silu(x); }

bool is_silu(Activation act) { return act == &silu_of; }

ops::Norm GroupNorm::with_silu() const { return {weight, bias, groups, eps, true}; }

Tensor GroupNorm::then(Activation act, const Tensor& x_bchw) const {
  if (is_silu(act)) return ops::group_norm(x_bchw, groups, weight, bias, eps, true);
  return act((*this)(x_bchw));
}

Activation activation(const std::string& name) {
  static const std::map<std::string, Activation> kKnown = {
      {"silu", &silu_of},
      {"swish", &silu_of},
      {"mish", [](const Tensor& x) { return at::mish(x); }},
      {"gelu", [](const Tensor& x) { return at::gelu(x); }},
      {"relu", [](const Tensor& x) { return at::relu(x); }},
  };
  std::string lower = name;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto found = kKnown.find(lower);
  if (found != kKnown.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, function] : kKnown) names.push_back(known);
  fail("act_fn: unknown activation '", name, "'", did_you_mean(name, names),
       "; known: ", joined(names));
}

}  // namespace mezzotint
