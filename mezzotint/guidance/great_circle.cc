#include "mezzotint/guidance/great_circle.h"

#include <ATen/ops/linalg_vector_norm.h>

namespace mezzotint {

Tensor unit_vectors(const Tensor& x) {
  constexpr double kTiny = 1e-12;
  return x / at::linalg_vector_norm(x, 2, at::IntArrayRef{-1}, /*keepdim=*/true).clamp_min(kTiny);
}

Tensor squared_great_circle(const Tensor& a, const Tensor& b) {
  // Opposite vectors are 2 apart, where the arcsine has no slope.
  constexpr double kNearlyOne = 1 - 1e-7;
  const Tensor half = at::linalg_vector_norm(a - b, 2, at::IntArrayRef{-1}) / 2;
  return half.clamp_max(kNearlyOne).asin().square() * 2;
}

}  // namespace mezzotint
