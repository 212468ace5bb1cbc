#pragma once

#include <cstddef>

namespace mezzotint::kernels {

// GroupNorm over one picture of NHWC memory, with SiLU behind it if wanted: Wu & He 2018,
// arXiv:1803.08494.
//   xhat = (x - mean of the group) * rstd of the group
//   z = xhat * weight + bias
//   y = z, or z * sigmoid(z) with SiLU
// A caller gives each picture to one thread. Sums are added in the same order every time.

struct GroupNormShape {
  size_t pixels = 0;    ///< height * width
  size_t channels = 0;  ///< divided evenly by groups
  size_t groups = 0;
  double eps = 1e-5;  ///< added to the variance: rstd = 1 / sqrt(variance + eps)
  bool silu = false;

  size_t group_channels() const { return channels / groups; }
};

/// x, y [pixels][channels]; weight, bias [channels]; mean, rstd [groups] are written.
void group_norm_forward(const GroupNormShape& shape, const float* x, const float* weight,
                        const float* bias, float* y, float* mean, float* rstd);

/// grad_y, x [pixels][channels]; mean, rstd [groups] as the forward pass wrote them. Writes grad_x
/// [pixels][channels]; adds this picture's share to grad_weight and grad_bias [channels].
void group_norm_backward(const GroupNormShape& shape, const float* grad_y, const float* x,
                         const float* weight, const float* bias, const float* mean,
                         const float* rstd, float* grad_x, float* grad_weight, float* grad_bias);

}  // namespace mezzotint::kernels
