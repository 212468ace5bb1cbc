#pragma once

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// Vectors of length 1 along the last dimension. A zero vector stays one.
Tensor unit_vectors(const Tensor& x);

/// 2 arcsin(|a - b| / 2)^2 of unit vectors along the last dimension: half the square of the angle
/// between them, 0 to pi^2 / 2 (k-diffusion and the course call it the squared spherical distance).
/// Broadcasts; the last dimension goes.
Tensor squared_great_circle(const Tensor& a, const Tensor& b);

}  // namespace mezzotint
