#include "mezzotint/ops/conv2d.h"

#include <optional>

#include <ATen/ops/conv2d.h>

#include "mezzotint/ops/conv3x3.h"
#include "mezzotint/ops/pointwise.h"

namespace mezzotint::ops {

Tensor conv2d(const Tensor& x_bchw, const Tensor& weight, const Tensor& bias, int64_t stride,
              int64_t padding, const LowRank& change) {
  if (stride == 1 && padding == 1 && weight.size(2) == 3 && weight.size(3) == 3)
    return conv3x3({.parts = {x_bchw}, .weight = weight, .bias = bias, .change = change});
  if (stride == 1 && padding == 0 && weight.size(2) == 1 && weight.size(3) == 1)
    return pointwise({.parts = {x_bchw}, .weight = weight, .bias = bias, .change = change});
  const Tensor y = at::conv2d(
      x_bchw, weight, bias.defined() ? std::optional<Tensor>(bias) : std::nullopt, stride, padding);
  if (!change.defined()) return y;
  const Tensor low = at::conv2d(x_bchw, change.a, std::nullopt, stride, padding);
  return pointwise({.parts = {low}, .weight = change.scaled_b(), .addend_bchw = y});
}

}  // namespace mezzotint::ops
