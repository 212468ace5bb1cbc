// The transforms of Winograd's F(4x4, 3x3) and F(6x6, 3x3), one vector of channels at a time; the
// points are 0, 1, -1, 2, -2 and infinity, and with six 1/2 and -1/2 too. Compiled once for
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

/// B^T d: the samples of the input under a tile -> points.
template <size_t kTile>
struct InputPoints;

/// G g: three taps -> points.
template <size_t kTile>
struct FilterPoints;

/// A^T m: points -> samples of the output.
template <size_t kTile>
struct OutputSamples;

/// A g: samples of the output's gradient -> points; the transpose of OutputSamples.
template <size_t kTile>
struct GradPoints;

/// G^T p: points -> three taps of the gradient; the transpose of FilterPoints.
template <size_t kTile>
struct GradTaps;

template <>
struct InputPoints<4> {
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

template <>
struct FilterPoints<4> {
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

template <>
struct OutputSamples<4> {
  HWY_INLINE void operator()(const V (&m)[6], V (&o)[4]) const {
    const V a = hn::Add(m[1], m[2]), b = hn::Sub(m[1], m[2]);
    const V c = hn::Add(m[3], m[4]), e = hn::Sub(m[3], m[4]);
    o[0] = hn::Add(m[0], hn::Add(a, c));
    o[1] = hn::MulAdd(Constant(2), e, b);
    o[2] = hn::MulAdd(Constant(4), c, a);
    o[3] = hn::Add(hn::MulAdd(Constant(8), e, b), m[5]);
  }
};

template <>
struct GradPoints<4> {
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

template <>
struct GradTaps<4> {
  HWY_INLINE void operator()(const V (&p)[6], V (&o)[3]) const {
    const V a = hn::Mul(Constant(-1.0f / 6), hn::Add(p[1], p[2])), c = hn::Add(p[3], p[4]);
    const V e = hn::Mul(Constant(1.0f / 12), hn::Sub(p[3], p[4]));
    o[0] = hn::MulAdd(Constant(0.25f), p[0], hn::MulAdd(Constant(1.0f / 24), c, a));
    o[1] = hn::MulAdd(Constant(-1.0f / 6), hn::Sub(p[1], p[2]), e);
    o[2] = hn::Add(hn::MulAdd(Constant(1.0f / 6), c, a), p[5]);
  }
};

template <>
struct InputPoints<6> {
  HWY_INLINE void operator()(const V (&d)[8], V (&o)[8]) const {
    const V wide = Constant(5.25f), near = Constant(4.25f), half = Constant(0.5f);
    o[0] = hn::MulAdd(wide, hn::Sub(d[4], d[2]), hn::Sub(d[0], d[6]));
    o[7] = hn::MulAdd(wide, hn::Sub(d[3], d[5]), hn::Sub(d[7], d[1]));
    const V a = hn::NegMulAdd(near, d[4], hn::Add(d[2], d[6])),
            b = hn::NegMulAdd(near, d[3], hn::Add(d[1], d[5]));
    o[1] = hn::Add(a, b);
    o[2] = hn::Sub(a, b);
    const V d3 = hn::Mul(Constant(2.5f), d[3]);
    const V c = hn::NegMulAdd(Constant(1.25f), d[4], hn::MulAdd(Constant(0.25f), d[2], d[6])),
            e = hn::MulAdd(half, d[1], hn::MulSub(Constant(2), d[5], d3));
    o[3] = hn::Add(c, e);
    o[4] = hn::Sub(c, e);
    const V f = hn::NegMulAdd(Constant(5), d[4], hn::MulAdd(Constant(4), d[2], d[6])),
            h = hn::MulAdd(half, d[5], hn::MulSub(Constant(2), d[1], d3));
    o[5] = hn::Add(f, h);
    o[6] = hn::Sub(f, h);
  }
};

template <>
struct FilterPoints<6> {
  HWY_INLINE void operator()(const V (&g)[3], V (&o)[8]) const {
    const V ninths = Constant(-2.0f / 9);
    const V a = hn::Mul(ninths, hn::Add(g[0], g[2])), b = hn::Mul(ninths, g[1]);
    const V c = hn::MulAdd(Constant(2.0f / 45), g[2], hn::Mul(Constant(1.0f / 90), g[0])),
            e = hn::Mul(Constant(1.0f / 45), g[1]);
    const V f = hn::MulAdd(Constant(8.0f / 45), g[2], hn::Mul(Constant(32.0f / 45), g[0])),
            h = hn::Mul(Constant(16.0f / 45), g[1]);
    o[0] = g[0];
    o[1] = hn::Add(a, b);
    o[2] = hn::Sub(a, b);
    o[3] = hn::Add(c, e);
    o[4] = hn::Sub(c, e);
    o[5] = hn::Add(f, h);
    o[6] = hn::Sub(f, h);
    o[7] = g[2];
  }
};

template <>
struct OutputSamples<6> {
  HWY_INLINE void operator()(const V (&m)[8], V (&o)[6]) const {
    const V a = hn::Add(m[1], m[2]), b = hn::Sub(m[1], m[2]);
    const V c = hn::Add(m[3], m[4]), e = hn::Sub(m[3], m[4]);
    const V f = hn::Add(m[5], m[6]), h = hn::Sub(m[5], m[6]);
    o[0] = hn::Add(hn::Add(m[0], a), hn::Add(c, f));
    o[1] = hn::MulAdd(Constant(2), e, hn::MulAdd(Constant(0.5f), h, b));
    o[2] = hn::MulAdd(Constant(4), c, hn::MulAdd(Constant(0.25f), f, a));
    o[3] = hn::MulAdd(Constant(8), e, hn::MulAdd(Constant(0.125f), h, b));
    o[4] = hn::MulAdd(Constant(16), c, hn::MulAdd(Constant(0.0625f), f, a));
    o[5] = hn::MulAdd(Constant(32), e, hn::MulAdd(Constant(0.03125f), h, hn::Add(b, m[7])));
  }
};

template <>
struct GradPoints<6> {
  HWY_INLINE void operator()(const V (&g)[6], V (&o)[8]) const {
    const V a = hn::Add(hn::Add(g[0], g[2]), g[4]), b = hn::Add(hn::Add(g[1], g[3]), g[5]);
    const V c = hn::MulAdd(Constant(16), g[4], hn::MulAdd(Constant(4), g[2], g[0]));
    const V e =
        hn::MulAdd(Constant(32), g[5], hn::MulAdd(Constant(8), g[3], hn::Mul(Constant(2), g[1])));
    const V f = hn::MulAdd(Constant(0.0625f), g[4], hn::MulAdd(Constant(0.25f), g[2], g[0]));
    const V h = hn::MulAdd(Constant(0.03125f), g[5],
                           hn::MulAdd(Constant(0.125f), g[3], hn::Mul(Constant(0.5f), g[1])));
    o[0] = g[0];
    o[1] = hn::Add(a, b);
    o[2] = hn::Sub(a, b);
    o[3] = hn::Add(c, e);
    o[4] = hn::Sub(c, e);
    o[5] = hn::Add(f, h);
    o[6] = hn::Sub(f, h);
    o[7] = g[5];
  }
};

template <>
struct GradTaps<6> {
  HWY_INLINE void operator()(const V (&p)[8], V (&o)[3]) const {
    const V ninths = Constant(-2.0f / 9);
    const V a = hn::Mul(ninths, hn::Add(p[1], p[2])), b = hn::Mul(ninths, hn::Sub(p[1], p[2]));
    const V c = hn::Add(p[3], p[4]), e = hn::Sub(p[3], p[4]);
    const V f = hn::Add(p[5], p[6]), h = hn::Sub(p[5], p[6]);
    o[0] =
        hn::MulAdd(Constant(32.0f / 45), f, hn::MulAdd(Constant(1.0f / 90), c, hn::Add(a, p[0])));
    o[1] = hn::MulAdd(Constant(16.0f / 45), h, hn::MulAdd(Constant(1.0f / 45), e, b));
    o[2] = hn::MulAdd(Constant(8.0f / 45), f, hn::MulAdd(Constant(2.0f / 45), c, hn::Add(a, p[7])));
  }
};

/// A one-dimensional transform of kIn values to kOut along the columns, then along the rows. Values
/// come from load(i, j) and go to store(i, j, value) one at a time: all of them wouldn't fit the
/// registers.
template <size_t kIn, size_t kOut, class Transform, class Load, class Store>
HWY_INLINE void Transform2D(const Transform& transform, const Load& load, const Store& store) {
  V half[kOut][kIn];
#pragma GCC unroll 8
  for (size_t j = 0; j < kIn; ++j) {
    V column[kIn], turned[kOut];
#pragma GCC unroll 8
    for (size_t i = 0; i < kIn; ++i) column[i] = load(i, j);
    transform(column, turned);
#pragma GCC unroll 8
    for (size_t i = 0; i < kOut; ++i) half[i][j] = turned[i];
  }
#pragma GCC unroll 8
  for (size_t i = 0; i < kOut; ++i) {
    V row[kOut];
    transform(half[i], row);
#pragma GCC unroll 8
    for (size_t j = 0; j < kOut; ++j) store(i, j, row[j]);
  }
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
