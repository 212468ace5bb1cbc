#include "mezzotint/models/attention.h"

#include "mezzotint/base/counted.h"
#include "mezzotint/ops/attention.h"
#include "mezzotint/ops/linear.h"

namespace mezzotint {
namespace {

int64_t head_count(const Params& params, const AttentionSpec& spec) {
  MEZZO_CHECK(spec.head_dim > 0 && spec.channels >= spec.head_dim, params.scope(),
              ": attention_head_dim is ", spec.head_dim, " for ", counted(spec.channels, "channel"),
              "; wanted 1 to ", spec.channels);
  return spec.channels / spec.head_dim;
}

std::optional<GroupNorm> optional_norm(const Params& params, const AttentionSpec& spec) {
  if (!spec.groups) return std::nullopt;
  return GroupNorm(params / "group_norm", spec.channels, *spec.groups, spec.eps);
}

}  // namespace

Attention::Attention(const Params& params, const AttentionSpec& spec)
    : heads_(head_count(params, spec)),
      head_dim_(spec.head_dim),
      output_scale_(spec.output_scale),
      group_norm_(optional_norm(params, spec)),
      to_q_(params / "to_q", spec.channels, heads_ * head_dim_),
      to_k_(params / "to_k", spec.channels, heads_ * head_dim_),
      to_v_(params / "to_v", spec.channels, heads_ * head_dim_),
      to_out_(params / "to_out" / 0, heads_ * head_dim_, spec.channels) {}

Tensor Attention::operator()(const Tensor& x_bchw) const {
  const int64_t batch = x_bchw.size(0), height = x_bchw.size(2), width = x_bchw.size(3);
  const auto tokens_of = [&](const Tensor& y_bchw) {
    return y_bchw.permute({0, 2, 3, 1}).reshape({batch, height * width, -1});
  };
  const Tensor normed_bnc = tokens_of(group_norm_ ? (*group_norm_)(x_bchw) : x_bchw);
  const std::vector<Tensor> qkv = ops::linears(
      normed_bnc, {to_q_.weight, to_k_.weight, to_v_.weight}, {to_q_.bias, to_k_.bias, to_v_.bias},
      {to_q_.change, to_k_.change, to_v_.change});
  const Tensor mixed_bnc = ops::attention(qkv[0], qkv[1], qkv[2], heads_);
  const Tensor sum_bnc = to_out_.plus(mixed_bnc, tokens_of(x_bchw));
  const Tensor sum = sum_bnc.view({batch, height, width, -1}).permute({0, 3, 1, 2});
  return output_scale_ == 1 ? sum : sum / output_scale_;
}

}  // namespace mezzotint
