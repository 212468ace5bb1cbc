// The exponential and the logistic function of a vector of floats, in few instructions. Compiled
// once for each instruction set, so the guard toggles (Highway's way for -inl.h files).
#if defined(MEZZOTINT_KERNELS_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_EXP_INL_H_
#undef MEZZOTINT_KERNELS_EXP_INL_H_
#else
#define MEZZOTINT_KERNELS_EXP_INL_H_
#endif

#include "mezzotint/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// 2^x is 2^fraction * 2^n: n by rounding x, 2^fraction by a polynomial. AVX-512 has instructions
// for either part of a number and for the scaling; elsewhere adding 1.5 * 2^23 leaves no bits for a
// fraction, and n is the last bits of the sum.

/// n as TimesPowerOf2 wants it: on AVX-512 as it is, else n + 127 in the last bits.
struct ExponentParts {
  V fraction, power;
};

#if HWY_TARGET <= HWY_AVX3
// With a mask, as GCC 12 takes what the plain instructions leave undefined for a mistake of ours.
constexpr __mmask16 kAllLanes = 0xffff;
constexpr int kToNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
HWY_INLINE ExponentParts Split(V x) {  // infinity has the fraction 0
  return {V{_mm512_maskz_reduce_ps(kAllLanes, x.raw, kToNearest)},
          V{_mm512_maskz_roundscale_ps(kAllLanes, x.raw, kToNearest)}};
}
HWY_INLINE V TimesPowerOf2(V value, V power) {
  return V{_mm512_maskz_scalef_ps(kAllLanes, value.raw, power.raw)};
}
#else
HWY_INLINE ExponentParts Split(V x) {
  const V no_fraction = Constant(12582912.0f + 127), sum = hn::Add(x, no_fraction);
  return {hn::Sub(x, hn::Sub(sum, no_fraction)), sum};
}
/// A product, not an addition to the exponent, so that a NaN stays one whatever its bits.
HWY_INLINE V TimesPowerOf2(V value, V power) {
  const auto bits = hn::BitCast(hn::RebindToSigned<Floats>(), power);
  return hn::Mul(value, hn::BitCast(Floats(), hn::ShiftLeft<23>(bits)));
}
#endif

#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
/// x, not below `least`, and x, not above `most`; NaN stays NaN.
HWY_INLINE V AtLeast(float least, V x) {
  return hn::IfThenElse(hn::Lt(x, Constant(least)), Constant(least), x);
}
HWY_INLINE V AtMost(float most, V x) {
  return hn::IfThenElse(hn::Gt(x, Constant(most)), Constant(most), x);
}
#else  // x86 takes the second argument if either is NaN, the others take the NaN
HWY_INLINE V AtLeast(float least, V x) { return hn::Max(Constant(least), x); }
HWY_INLINE V AtMost(float most, V x) { return hn::Min(Constant(most), x); }
#endif

/// 2^x to within 2e-7 of its value, exactly 1 at x = 0, NaN for NaN; x from -126 to 128, or any on
/// AVX-512.
HWY_INLINE V Exp2(V x) {
  const ExponentParts parts = Split(x);
  // The polynomial of degree 5 with constant term 1 whose largest relative error over
  // |fraction| <= 1/2 is smallest (Remez): 1.1e-7 in floats.
  V p = hn::MulAdd(parts.fraction, Constant(1.32646586e-3f), Constant(9.67156608e-3f));
  p = hn::MulAdd(parts.fraction, p, Constant(5.55073433e-2f));
  p = hn::MulAdd(parts.fraction, p, Constant(0.240222409f));
  p = hn::MulAdd(parts.fraction, p, Constant(0.693147004f));
  return TimesPowerOf2(hn::MulAdd(parts.fraction, p, Constant(1.0f)), parts.power);
}

/// 2^x for x <= 0, as a softmax takes it; 2^-126 for x < -126.
HWY_INLINE V Exp2OfNegative(V x) { return Exp2(AtLeast(-126.0f, x)); }

/// 1 / (1 + exp(-x)) to within 3e-7 + 8e-8 |x| of its value where that is a normal number, so to
/// within 3e-7 of the largest; 0 for x < -88.8. NaN stays NaN. A division, as it runs beside the
/// polynomial; an estimate refined by products doesn't.
HWY_INLINE V Sigmoid(V x) {
  V power = hn::Mul(x, Constant(-1.44269504f));
#if HWY_TARGET > HWY_AVX3  // 2^128 is infinite and its inverse zero; 1 + 2^-126 is 1
  power = AtMost(128.0f, AtLeast(-126.0f, power));
#endif
  return hn::Div(Constant(1.0f), hn::Add(Constant(1.0f), Exp2(power)));
}

/// z * sigmoid(z), and its derivative.
HWY_INLINE V Silu(V z) { return hn::Mul(z, Sigmoid(z)); }
HWY_INLINE V SiluSlope(V z) {
  const V s = Sigmoid(z);
  return hn::MulAdd(hn::Mul(z, s), hn::Sub(Constant(1.0f), s), s);
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
