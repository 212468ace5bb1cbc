#pragma once

#include <cstddef>

namespace mezzotint::kernels {

// The passes over memory of GroupNorm, with SiLU behind it if wanted: Wu & He 2018,
// arXiv:1803.08494.
//   z = scale * x + shift,  scale = weight * rstd of the group,  shift = bias - mean * scale
//   y = z, or z * sigmoid(z) with SiLU
// Pictures are NHWC. A caller hands ranges of one picture's pixels to its threads and adds up what
// the ranges give; a range may be some of the channels only (a part of a concatenation), hence the
// step from pixel to pixel. Sums are added in the same order every time.

/// A range of pixels: (p, c) at data + p * step + c.
struct PixelRange {
  size_t pixels = 0;
  size_t channels = 0;
};

/// Adds to sums and squares [channels], over the range, x - origin and its square; an origin
/// [channels] near the mean, such as the first pixel, keeps a large mean from costing precision.
/// x is [pixels][channels].
void channel_sums(const PixelRange& range, const float* x, const float* origin, double* sums,
                  double* squares);

/// y = act(scale * x + shift); scale, shift [channels]. x is [pixels][channels], y has the step
/// y_step.
void scale_shift(const PixelRange& range, const float* x, const float* scale, const float* shift,
                 bool silu, float* y, size_t y_step);

/// The gradient of act at z times grad, in place; grad has the step grad_step. Adds to sums and
/// products [channels], over the range, that gradient and its product with x - origin.
void scale_shift_backward(const PixelRange& range, const float* x, const float* scale,
                          const float* shift, const float* origin, bool silu, const float* grad_y,
                          float* grad_z, size_t grad_step, double* sums, double* products);

/// grad_x = scale * grad_z + slope * x + offset, all of them [channels]: what is left of the chain
/// rule through mean and rstd; + addend, laid out as grad_x, or null. grad_z has the step
/// grad_step; grad_x may be the same memory when the steps agree.
void group_norm_grad(const PixelRange& range, const float* x, const float* grad_z, size_t grad_step,
                     const float* scale, const float* slope, const float* offset,
                     const float* addend, float* grad_x);

/// Adds to sums [channels] over the range; x has the step x_step.
void column_sums(const PixelRange& range, const float* x, size_t x_step, double* sums);

}  // namespace mezzotint::kernels
