#include "mezzotint/guidance/pixel_normalization.h"

#include <ATen/ops/tensor.h>

namespace mezzotint {

Tensor PixelNormalization::operator()(const Tensor& x_bchw) const {
  const auto channels = [&](const std::array<double, 3>& values) {
    return at::tensor(values, at::kDouble).to(at::kFloat).view({1, 3, 1, 1}).to(x_bchw.device());
  };
  return (x_bchw - channels(mean)) / channels(std);
}

}  // namespace mezzotint
