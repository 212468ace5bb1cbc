#include "mezzotint/ops/pointwise.h"

#include <optional>
#include <utility>

#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>

#include "mezzotint/ops/engine.h"
#include "mezzotint/ops/row_product.h"

namespace mezzotint::ops {
namespace {

/// [B, C, H, W] -> [B * H * W, C], a view of channels_last memory.
Tensor pixels_of(const Tensor& x_bchw) {
  if (!x_bchw.defined()) return {};
  return x_bchw.permute({0, 2, 3, 1}).reshape({-1, x_bchw.size(1)});
}

Tensor chain_of_ops(const Pointwise& work) {
  const Tensor x = work.parts.size() == 1 ? work.parts[0] : at::cat(work.parts, 1);
  const Tensor y = at::conv2d(
      x, work.weight, work.bias.defined() ? std::optional<Tensor>(work.bias) : std::nullopt);
  return work.addend_bchw.defined() ? work.addend_bchw + y : y;
}

/// The work of the weight as it is, with that of its change as the addend.
Pointwise with_change_as_addend(Pointwise work) {
  const LowRank change = std::exchange(work.change, {});
  const Tensor low = pointwise({.parts = work.parts, .weight = change.a});
  work.addend_bchw =
      pointwise({.parts = {low}, .weight = change.scaled_b(), .addend_bchw = work.addend_bchw});
  return work;
}

}  // namespace

Tensor pointwise(const Pointwise& work) {
  if (work.change.defined()) return pointwise(with_change_as_addend(work));
  const Tensor& x = work.parts.at(0);
  if (engine() != Engine::kFast || !x.is_cpu() || x.scalar_type() != at::kFloat || x.dim() != 4)
    return chain_of_ops(work);
  RowProduct product{
      .weight = work.weight.flatten(1), .bias = work.bias, .addend = pixels_of(work.addend_bchw)};
  for (const Tensor& part : work.parts) product.parts.push_back(pixels_of(part));
  return row_product(product)
      .view({x.size(0), x.size(2), x.size(3), work.weight.size(0)})
      .permute({0, 3, 1, 2});
}

}  // namespace mezzotint::ops
