#pragma once

#include <cstddef>

namespace mezzotint::kernels {

/// y = x / (1 + exp(-1.702 x)), CLIP's activation: Hendrycks & Gimpel 2016, arXiv:1606.08415,
/// section 2. To within 4e-7 of the largest of |x| and 1. y may be x.
void quick_gelu(const float* x, size_t count, float* y);

/// grad_x = grad_y * dy/dx. grad_x may be grad_y.
void quick_gelu_backward(const float* x, const float* grad_y, size_t count, float* grad_x);

}  // namespace mezzotint::kernels
