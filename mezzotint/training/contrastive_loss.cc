#include "mezzotint/training/contrastive_loss.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/log_softmax.h>

namespace mezzotint {

Tensor soft_cross_entropy(const Tensor& logits_nk, const Tensor& target_nk) {
  const Tensor rows = (target_nk.sum(1) > 0).sum().clamp_min(1);
  return -(target_nk * at::log_softmax(logits_nk, 1)).sum() / rows;
}

Tensor contrastive_loss(const Tensor& logits_tp, const Tensor& belongs_tp) {
  const auto direction = [](const Tensor& logits, const Tensor& belongs) {
    const Tensor share = belongs.to(logits.scalar_type());
    return soft_cross_entropy(logits, share / share.sum(1, /*keepdim=*/true).clamp_min(1));
  };
  return (direction(logits_tp, belongs_tp) + direction(logits_tp.t(), belongs_tp.t())) / 2;
}

Tensor pair_loss(const Tensor& logits_nn, const Tensor& same_nn) {
  constexpr double kNever = -1e4;
  const int64_t pairs = logits_nn.size(0);
  const Tensor diagonal = at::eye(pairs, same_nn.options()),
               logits = logits_nn.masked_fill(same_nn & ~diagonal, kNever),
               own = at::arange(pairs, same_nn.options().dtype(at::kLong));
  return (at::cross_entropy_loss(logits, own) + at::cross_entropy_loss(logits.t(), own)) / 2;
}

}  // namespace mezzotint
