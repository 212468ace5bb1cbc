// The transforms of Winograd's F(4x4, 3x3), one vector of channels at a time. Compiled once for
// each instruction set, so the guard toggles (Highway's way for -inl.h files).
#if defined(MEZZOTINT_KERNELS_WINOGRAD_TRANSFORMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_WINOGRAD_TRANSFORMS_INL_H_
#undef MEZZOTINT_KERNELS_WINOGRAD_TRANSFORMS_INL_H_
#else
#define MEZZOTINT_KERNELS_WINOGRAD_TRANSFORMS_INL_H_
#endif

#include "mezzotint/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {

/// B^T d: six samples of the input -> six points.
struct InputPoints {
  HWY_INLINE void operator()(const V (&d)[6], V (&o)[6]) const {
    const V two = Constant(2), four = Constant(4), five = Constant(5);
    const V a = hn::NegMulAdd(four, d[2], d[4]), b = hn::NegMulAdd(four, d[1], d[3]);
    const V c = hn::Sub(d[4], d[2]), e = hn::Mul(two, hn::Sub(d[3], d[1]));
    o[0] = hn::MulAdd(four, d[0], hn::NegMulAdd(five, d[2], d[4]));
    o[1] = hn::Add(a, b);
    o[2] = hn::Sub(a, b);
    o[3] = hn::Add(c, e);
    o[4] = hn::Sub(c, e);
    o[5] = hn::MulAdd(four, d[1], hn::NegMulAdd(five, d[3], d[5]));
  }
};

/// G g: three taps -> six points.
struct FilterPoints {
  HWY_INLINE void operator()(const V (&g)[3], V (&o)[6]) const {
    const V a = hn::Mul(Constant(-1.0f / 6), hn::Add(g[0], g[2])),
            b = hn::Mul(Constant(-1.0f / 6), g[1]);
    const V c = hn::MulAdd(Constant(1.0f / 6), g[2], hn::Mul(Constant(1.0f / 24), g[0]));
    const V e = hn::Mul(Constant(1.0f / 12), g[1]);
    o[0] = hn::Mul(Constant(0.25f), g[0]);
    o[1] = hn::Add(a, b);
    o[2] = hn::Sub(a, b);
    o[3] = hn::Add(c, e);
    o[4] = hn::Sub(c, e);
    o[5] = g[2];
  }
};

/// A^T m: six points -> four samples of the output.
struct OutputSamples {
  HWY_INLINE void operator()(const V (&m)[6], V (&o)[4]) const {
    const V a = hn::Add(m[1], m[2]), b = hn::Sub(m[1], m[2]);
    const V c = hn::Add(m[3], m[4]), e = hn::Sub(m[3], m[4]);
    o[0] = hn::Add(m[0], hn::Add(a, c));
    o[1] = hn::MulAdd(Constant(2), e, b);
    o[2] = hn::MulAdd(Constant(4), c, a);
    o[3] = hn::Add(hn::MulAdd(Constant(8), e, b), m[5]);
  }
};

/// A g: four samples of the output's gradient -> six points; the transpose of OutputSamples.
struct GradPoints {
  HWY_INLINE void operator()(const V (&g)[4], V (&o)[6]) const {
    const V a = hn::Add(g[0], g[2]), b = hn::Add(g[1], g[3]);
    const V c = hn::MulAdd(Constant(4), g[2], g[0]);
    const V e = hn::MulAdd(Constant(8), g[3], hn::Mul(Constant(2), g[1]));
    o[0] = g[0];
    o[1] = hn::Add(a, b);
    o[2] = hn::Sub(a, b);
    o[3] = hn::Add(c, e);
    o[4] = hn::Sub(c, e);
    o[5] = g[3];
  }
};

/// G^T p: six points -> three taps of the gradient; the transpose of FilterPoints.
struct GradTaps {
  HWY_INLINE void operator()(const V (&p)[6], V (&o)[3]) const {
    const V a = hn::Mul(Constant(-1.0f / 6), hn::Add(p[1], p[2])), c = hn::Add(p[3], p[4]);
    const V e = hn::Mul(Constant(1.0f / 12), hn::Sub(p[3], p[4]));
    o[0] = hn::MulAdd(Constant(0.25f), p[0], hn::MulAdd(Constant(1.0f / 24), c, a));
    o[1] = hn::MulAdd(Constant(-1.0f / 6), hn::Sub(p[1], p[2]), e);
    o[2] = hn::Add(hn::MulAdd(Constant(1.0f / 6), c, a), p[5]);
  }
};

/// A one-dimensional transform along the columns, then along the rows.
template <class Transform, size_t kIn, size_t kOut>
HWY_INLINE void Transform2D(const Transform& transform, const V (&in)[kIn][kIn],
                            V (&out)[kOut][kOut]) {
  V half[kOut][kIn];
#pragma GCC unroll 6
  for (size_t j = 0; j < kIn; ++j) {
    V column[kIn], turned[kOut];
#pragma GCC unroll 6
    for (size_t i = 0; i < kIn; ++i) column[i] = in[i][j];
    transform(column, turned);
#pragma GCC unroll 6
    for (size_t i = 0; i < kOut; ++i) half[i][j] = turned[i];
  }
#pragma GCC unroll 6
  for (size_t i = 0; i < kOut; ++i) transform(half[i], out[i]);
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
