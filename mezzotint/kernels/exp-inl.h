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

// exp and its like are value * 2^n: n by rounding, value by a polynomial of the rest. AVX-512 has
// instructions for rounding and for the scaling; elsewhere adding 1.5 * 2^23 leaves no bits for a
// fraction, and n is the last bits of the sum.

/// A whole number, and how TimesPowerOf2 wants it: on AVX-512 as it is, else n + 127 in the last
/// bits.
struct WholeNumber {
  V n, power;
};

#if HWY_TARGET <= HWY_AVX3
// With a mask, as GCC 12 takes what the plain instructions leave undefined for a mistake of ours.
constexpr __mmask16 kAllLanes = 0xffff;
HWY_INLINE WholeNumber Rounded(V x) {
  const V n{
      _mm512_maskz_roundscale_ps(kAllLanes, x.raw, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  return {n, n};
}
HWY_INLINE WholeNumber RoundedProduct(V x, float factor) {
  return Rounded(hn::Mul(x, Constant(factor)));
}
HWY_INLINE V TimesPowerOf2(V value, V power) {
  return V{_mm512_maskz_scalef_ps(kAllLanes, value.raw, power.raw)};
}
#else
constexpr float kNoFraction = 12582912.0f + 127;
HWY_INLINE WholeNumber Rounded(V x) {
  const V sum = hn::Add(x, Constant(kNoFraction));
  return {hn::Sub(sum, Constant(kNoFraction)), sum};
}
HWY_INLINE WholeNumber RoundedProduct(V x, float factor) {
  const V sum = hn::MulAdd(x, Constant(factor), Constant(kNoFraction));
  return {hn::Sub(sum, Constant(kNoFraction)), sum};
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

/// 2^x for x <= 0, as a softmax takes it, to within 2e-7 of its value; 2^-126 for x < -126. NaN
/// stays NaN. Exactly 1 at x = 0.
HWY_INLINE V Exp2OfNegative(V x) {
  const V bounded = AtLeast(-126.0f, x);
  const WholeNumber whole = Rounded(bounded);
  const V rest = hn::Sub(bounded, whole.n);
  // The polynomial of degree 5 with constant term 1 whose largest relative error over |rest| <= 1/2
  // is smallest (Remez): 1.1e-7 in floats.
  V p = hn::MulAdd(rest, Constant(1.32646586e-3f), Constant(9.67156608e-3f));
  p = hn::MulAdd(rest, p, Constant(5.55073433e-2f));
  p = hn::MulAdd(rest, p, Constant(0.240222409f));
  p = hn::MulAdd(rest, p, Constant(0.693147004f));
  return TimesPowerOf2(hn::MulAdd(rest, p, Constant(1.0f)), whole.power);
}

/// exp(x) = value * 2^n, with n as TimesPowerOf2 wants it. (A struct within a struct would go
/// through memory: GCC 12.)
struct ExpParts {
  V value, power;
};

HWY_INLINE ExpParts SplitExp(V x) {
  const WholeNumber whole = RoundedProduct(x, 1.44269504f);
  // ln 2 in two parts, the first with zeros at its end, so that the rest keeps its digits.
  V rest = hn::NegMulAdd(whole.n, Constant(0.693359375f), x);
  rest = hn::NegMulAdd(whole.n, Constant(-2.12194440e-4f), rest);
  // As above, over |rest| <= ln 2 / 2: 9.3e-8.
  V p = hn::MulAdd(rest, Constant(8.290272206e-3f), Constant(4.189816117e-2f));
  p = hn::MulAdd(rest, p, Constant(0.1666763872f));
  p = hn::MulAdd(rest, p, Constant(0.4999914765f));
  p = hn::MulAdd(rest, p, Constant(0.9999997020f));
  return {hn::MulAdd(rest, p, Constant(1.0f)), whole.power};
}

/// exp(x) to within 2e-7 of its value; 0 where it is below the normal numbers (x < -87.336),
/// infinity where it is above (x > 88.722). NaN stays NaN.
HWY_INLINE V FastExp(V x) {
  ExpParts parts = SplitExp(AtMost(89.0f, AtLeast(-88.0f, x)));
  // 2^128 isn't a number, though value * 2^128 may be one: a power is lent to the value.
  const auto large = hn::Gt(x, Constant(0.0f));
  parts.value = hn::IfThenElse(large, hn::Add(parts.value, parts.value), parts.value);
  parts.power = hn::IfThenElse(large, hn::Sub(parts.power, Constant(1.0f)), parts.power);
  return hn::IfThenZeroElse(hn::Lt(x, Constant(-87.3365402f)),
                            TimesPowerOf2(parts.value, parts.power));
}

/// 1 / (1 + exp(-x)) to within 3e-7 of its value where that is a normal number; 0 for x < -88.8.
/// NaN stays NaN. A division, as it runs beside the polynomial; an estimate refined by products
/// doesn't.
HWY_INLINE V Sigmoid(V x) {
  // Above 88.7 the exponential is infinite and the quotient zero; 1 + exp(-87) is 1.
  const ExpParts parts = SplitExp(AtMost(89.0f, AtLeast(-87.0f, hn::Neg(x))));
  const V e = TimesPowerOf2(parts.value, parts.power);
  return hn::Div(Constant(1.0f), hn::Add(Constant(1.0f), e));
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
