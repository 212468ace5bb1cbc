#include "mezzotint/ops/low_rank.h"

#include <ATen/ops/addmm.h>

namespace mezzotint::ops {

Tensor LowRank::scaled_b() const { return scale == 1 ? b : b * scale; }

Tensor merged(const Tensor& weight, const LowRank& change) {
  if (!change.defined()) return weight;
  return at::addmm(weight.flatten(1), change.b.flatten(1), change.a.flatten(1), 1, change.scale)
      .view(weight.sizes());
}

}  // namespace mezzotint::ops
