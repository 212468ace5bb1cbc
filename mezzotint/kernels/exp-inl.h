// The exponential and the logistic function of a vector of floats, in few instructions. Compiled
// once for each instruction set, so the guard toggles (Highway's way for -inl.h files).
#if defined(MEZZOTINT_KERNELS_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_EXP_INL_H_
#undef MEZZOTINT_KERNELS_EXP_INL_H_
#else
#define MEZZOTINT_KERNELS_EXP_INL_H_
#endif

#include <limits>

#include "mezzotint/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// exp(x) = value * 2^n, with value in [0.7, 1.5] and n + 127 in the low bits of `magic`.
struct ExpParts {
  V value, magic;
};

/// n is x / ln 2 rounded, and value a polynomial of the rest: the one of degree 5 with constant
/// term 1 whose largest relative error over |rest| <= ln 2 / 2 is smallest (Remez), 9.3e-8 in
/// floats. Exactly 1 at x = 0. Meaningless where 2^n isn't a normal number.
HWY_INLINE ExpParts SplitExp(V x) {
  // Adding 1.5 * 2^23 leaves no bits for a fraction: the sum's last bits are the whole number.
  const V round = Constant(12582912.0f + 127);
  const V magic = hn::MulAdd(x, Constant(1.44269504f), round), n = hn::Sub(magic, round);
  // ln 2 in two parts, the first with zeros at its end, so that the rest keeps its digits.
  V rest = hn::NegMulAdd(n, Constant(0.693359375f), x);
  rest = hn::NegMulAdd(n, Constant(-2.12194440e-4f), rest);
  V p = hn::MulAdd(rest, Constant(8.290272206e-3f), Constant(4.189816117e-2f));
  p = hn::MulAdd(rest, p, Constant(0.1666763872f));
  p = hn::MulAdd(rest, p, Constant(0.4999914765f));
  p = hn::MulAdd(rest, p, Constant(0.9999997020f));
  return {hn::MulAdd(rest, p, Constant(1.0f)), magic};
}

/// value * 2^n for -127 <= n <= 128, infinity for 128. A product, not an addition to the exponent,
/// so that a NaN stays one whatever its bits.
HWY_INLINE V JoinExp(const ExpParts& parts) {
  const auto bits = hn::BitCast(hn::RebindToSigned<Floats>(), parts.magic);
  return hn::Mul(parts.value, hn::BitCast(Floats(), hn::ShiftLeft<23>(bits)));
}

/// The largest x whose exponential is finite, and the least whose exponential is a normal number.
constexpr float kLargestExp = 88.7228317f, kLeastExp = -87.3365402f;

/// exp(x) for x <= 88 to within 2e-7 of its value; 0 where it is below the normal numbers
/// (x < -87.336). NaN stays NaN.
HWY_INLINE V FastExpUpTo88(V x) {
  return hn::IfThenZeroElse(hn::Lt(x, Constant(kLeastExp)), JoinExp(SplitExp(x)));
}

/// exp(x) to within 2e-7 of its value; 0 where it is below the normal numbers (x < -87.336),
/// infinity where it is above (x > 88.722). NaN stays NaN.
HWY_INLINE V FastExp(V x) {
  const ExpParts parts = SplitExp(x);
  // 2^128 isn't a number, though value * 2^128 may be one: n is added to the exponent.
  const hn::RebindToSigned<Floats> i;
  const auto n = hn::BitCast(i, hn::Sub(parts.magic, Constant(127.0f)));
  const auto bits = hn::Add(hn::BitCast(i, parts.value), hn::ShiftLeft<23>(n));
  // The product is infinity, or the NaN.
  const V large = hn::IfThenElse(hn::Le(x, Constant(kLargestExp)), hn::BitCast(Floats(), bits),
                                 hn::Mul(x, Constant(std::numeric_limits<float>::max())));
  return hn::IfThenZeroElse(hn::Lt(x, Constant(kLeastExp)), large);
}

/// x within [least, most]; NaN stays NaN.
HWY_INLINE V Clamped(V x, float least, float most) {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  const V above = hn::IfThenElse(hn::Lt(x, Constant(least)), Constant(least), x);
  return hn::IfThenElse(hn::Gt(above, Constant(most)), Constant(most), above);
#else  // x86 takes the second argument if either is NaN, the others take the NaN
  return hn::Min(Constant(most), hn::Max(Constant(least), x));
#endif
}

/// 1 / (1 + exp(-x)) to within 3e-7 of its value where that is a normal number; 0 for x < -88.4.
/// NaN stays NaN. A division, as it runs beside the polynomial; an estimate refined by products
/// doesn't.
HWY_INLINE V Sigmoid(V x) {
  // Above 88.4 the exponential is infinite and the quotient zero; 1 + exp(-87) is 1.
  const V e = JoinExp(SplitExp(Clamped(hn::Neg(x), -87.0f, 88.5f)));
  return hn::Div(Constant(1.0f), hn::Add(Constant(1.0f), e));
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
