#include "mezzotint/kernels/group_norm.h"

#include <algorithm>
#include <cmath>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/group_norm.cc"
// clang-format off
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set
#include <hwy/contrib/math/math-inl.h>
// clang-format on

#include "mezzotint/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

/// Single-precision sums run over this many pixels before they join the double-precision ones.
constexpr size_t kRun = 256;

HWY_INLINE V Sigmoid(V z) {
  return hn::Div(Constant(1), hn::Add(Constant(1), hn::Exp(Floats(), hn::Neg(z))));
}

/// Calls body(c, n) for each vector of channels; n of its lanes are in use.
template <class Body>
HWY_INLINE void ForChannels(size_t channels, const Body& body) {
  const size_t lanes = hn::Lanes(Floats());
  for (size_t c = 0; c < channels; c += lanes) body(c, std::min(lanes, channels - c));
}

/// Adds the first `n` lanes to the double-precision sums at `to`.
HWY_INLINE void AddLanes(V value, double* to, size_t n) {
  HWY_ALIGN float lanes[hn::MaxLanes(Floats())];
  hn::Store(value, Floats(), lanes);
  for (size_t i = 0; i < n; ++i) to[i] += lanes[i];
}

/// Per channel, over all pixels: the sum of (x - origin) and of its square, where origin is the
/// first pixel, so that a large mean costs no precision.
void ShiftedSums(const GroupNormShape& shape, const float* HWY_RESTRICT x, double* sums,
                 double* squares) {
  const size_t channels = shape.channels;
  ForChannels(channels, [&](size_t c, size_t n) {
    const V origin = LoadPart(x + c, n);
    for (size_t begin = 0; begin < shape.pixels; begin += kRun) {
      V sum = hn::Zero(Floats()), square = hn::Zero(Floats());
      for (size_t p = begin; p < std::min(begin + kRun, shape.pixels); ++p) {
        const V d = hn::Sub(LoadPart(x + p * channels + c, n), origin);
        sum = hn::Add(sum, d);
        square = hn::MulAdd(d, d, square);
      }
      AddLanes(sum, sums + c, n);
      AddLanes(square, squares + c, n);
    }
  });
}

/// Mean and reciprocal standard deviation of each group, from the sums of its channels.
void Moments(const GroupNormShape& shape, const float* x, float* mean, float* rstd) {
  std::vector<double> sums(2 * shape.channels);
  double* squares = sums.data() + shape.channels;
  ShiftedSums(shape, x, sums.data(), squares);
  const auto pixels = static_cast<double>(shape.pixels);
  for (size_t g = 0; g < shape.groups; ++g) {
    const size_t first = g * shape.group_channels(), last = first + shape.group_channels();
    double average = 0, spread = 0;
    for (size_t c = first; c < last; ++c) average += x[c] + sums[c] / pixels;
    average /= static_cast<double>(last - first);
    for (size_t c = first; c < last; ++c) {
      const double apart = x[c] + sums[c] / pixels - average;
      spread += squares[c] - sums[c] * sums[c] / pixels + pixels * apart * apart;
    }
    const double variance = std::max(0.0, spread / (pixels * static_cast<double>(last - first)));
    mean[g] = static_cast<float>(average);
    rstd[g] = static_cast<float>(1 / std::sqrt(variance + shape.eps));
  }
}

/// z = x * scale + shift, per channel: the normalisation, weight and bias in one.
void ScaleAndShift(const GroupNormShape& shape, const float* weight, const float* bias,
                   const float* mean, const float* rstd, float* scale, float* shift) {
  for (size_t c = 0; c < shape.channels; ++c) {
    const size_t g = c / shape.group_channels();
    scale[c] = weight[c] * rstd[g];
    shift[c] = bias[c] - mean[g] * scale[c];
  }
}

void Forward(const GroupNormShape& shape, const float* HWY_RESTRICT x, const float* weight,
             const float* bias, float* HWY_RESTRICT y, float* mean, float* rstd) {
  Moments(shape, x, mean, rstd);
  std::vector<float> scale(shape.channels), shift(shape.channels);
  ScaleAndShift(shape, weight, bias, mean, rstd, scale.data(), shift.data());
  for (size_t p = 0; p < shape.pixels; ++p) {
    const size_t at = p * shape.channels;
    ForChannels(shape.channels, [&](size_t c, size_t n) {
      const V z = hn::MulAdd(LoadPart(x + at + c, n), LoadPart(scale.data() + c, n),
                             LoadPart(shift.data() + c, n));
      StorePart(shape.silu ? hn::Mul(z, Sigmoid(z)) : z, y + at + c, n);
    });
  }
}

/// Writes grad_z, and per channel its sum and that of its product with x - mean over the pixels.
void GradOfZ(const GroupNormShape& shape, const float* HWY_RESTRICT grad_y,
             const float* HWY_RESTRICT x, const float* scale, const float* shift, const float* mean,
             float* HWY_RESTRICT grad_z, double* sums, double* products) {
  const size_t channels = shape.channels;
  std::vector<float> means(channels);
  for (size_t c = 0; c < channels; ++c) means[c] = mean[c / shape.group_channels()];
  ForChannels(channels, [&](size_t c, size_t n) {
    const V a = LoadPart(scale + c, n), b = LoadPart(shift + c, n),
            m = LoadPart(means.data() + c, n);
    for (size_t begin = 0; begin < shape.pixels; begin += kRun) {
      V sum = hn::Zero(Floats()), product = hn::Zero(Floats());
      for (size_t p = begin; p < std::min(begin + kRun, shape.pixels); ++p) {
        const size_t at = p * channels + c;
        const V v = LoadPart(x + at, n);
        V g = LoadPart(grad_y + at, n);
        if (shape.silu) {
          const V z = hn::MulAdd(v, a, b), s = Sigmoid(z);
          g = hn::Mul(g, hn::MulAdd(hn::Mul(z, s), hn::Sub(Constant(1), s), s));
        }
        StorePart(g, grad_z + at, n);
        sum = hn::Add(sum, g);
        product = hn::MulAdd(g, hn::Sub(v, m), product);
      }
      AddLanes(sum, sums + c, n);
      AddLanes(product, products + c, n);
    }
  });
}

/// grad_x = scale * grad_z + slope * x + offset, per channel: what is left of the chain rule
/// through mean and rstd.
void Backward(const GroupNormShape& shape, const float* grad_y, const float* HWY_RESTRICT x,
              const float* weight, const float* bias, const float* mean, const float* rstd,
              float* HWY_RESTRICT grad_x, float* grad_weight, float* grad_bias) {
  const size_t channels = shape.channels, group_channels = shape.group_channels();
  std::vector<float> scale(channels), shift(channels), slope(channels), offset(channels);
  ScaleAndShift(shape, weight, bias, mean, rstd, scale.data(), shift.data());
  std::vector<double> sums(channels), products(channels);
  GradOfZ(shape, grad_y, x, scale.data(), shift.data(), mean, grad_x, sums.data(), products.data());
  const double count = static_cast<double>(shape.pixels * group_channels);
  for (size_t g = 0; g < shape.groups; ++g) {
    double sum = 0, product = 0;
    for (size_t c = g * group_channels; c < (g + 1) * group_channels; ++c) {
      sum += weight[c] * sums[c];
      product += weight[c] * products[c] * rstd[g];
      grad_bias[c] += static_cast<float>(sums[c]);
      grad_weight[c] += static_cast<float>(products[c] * rstd[g]);
    }
    const double slope_g = -product / count * rstd[g] * rstd[g],
                 offset_g = -sum / count * rstd[g] - slope_g * mean[g];
    for (size_t c = g * group_channels; c < (g + 1) * group_channels; ++c) {
      slope[c] = static_cast<float>(slope_g);
      offset[c] = static_cast<float>(offset_g);
    }
  }
  for (size_t p = 0; p < shape.pixels; ++p) {
    const size_t at = p * channels;
    ForChannels(channels, [&](size_t c, size_t n) {
      const V rest = hn::MulAdd(LoadPart(slope.data() + c, n), LoadPart(x + at + c, n),
                                LoadPart(offset.data() + c, n));
      StorePart(hn::MulAdd(LoadPart(scale.data() + c, n), LoadPart(grad_x + at + c, n), rest),
                grad_x + at + c, n);
    });
  }
}

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(Forward);
HWY_EXPORT(Backward);

void group_norm_forward(const GroupNormShape& shape, const float* x, const float* weight,
                        const float* bias, float* y, float* mean, float* rstd) {
  HWY_DYNAMIC_DISPATCH(Forward)(shape, x, weight, bias, y, mean, rstd);
}

void group_norm_backward(const GroupNormShape& shape, const float* grad_y, const float* x,
                         const float* weight, const float* bias, const float* mean,
                         const float* rstd, float* grad_x, float* grad_weight, float* grad_bias) {
  HWY_DYNAMIC_DISPATCH(Backward)
  (shape, grad_y, x, weight, bias, mean, rstd, grad_x, grad_weight, grad_bias);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
