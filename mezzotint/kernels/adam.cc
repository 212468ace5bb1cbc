#include "mezzotint/kernels/adam.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/adam.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

/// `n` floats at `at`, or whole vectors only: a run of memory is walked by both.
template <bool kWhole>
struct Access {
  size_t n;
  HWY_INLINE V Load(const float* at) const {
    if constexpr (kWhole) return hn::LoadU(Floats(), at);
    return LoadPart(at, n);
  }
  HWY_INLINE void Store(V value, float* at) const {
    if constexpr (kWhole) return hn::StoreU(value, Floats(), at);
    StorePart(value, at, n);
  }
};

/// a + weight (b - a), from the nearer end, as torch's lerp.
HWY_INLINE V Lerp(V a, V b, float weight) {
  const V difference = hn::Sub(b, a);
  return weight < 0.5f ? hn::MulAdd(Constant(weight), difference, a)
                       : hn::MulAdd(Constant(weight - 1), difference, b);
}

/// Rounded as by the vector part of torch's fused kernel, scaling and average as by its
/// separate operators.
template <bool kWhole>
HWY_INLINE void Update(const AdamStep& step, const AdamArrays& of, size_t i,
                       const Access<kWhole> access) {
  const V gradient = hn::Mul(access.Load(of.gradient + i), Constant(step.gradient_scale));
  const V mean = Lerp(access.Load(of.mean + i), gradient, step.mean_weight);
  const V square = hn::MulAdd(hn::Mul(Constant(step.square_weight), gradient), gradient,
                              hn::Mul(access.Load(of.square + i), Constant(step.square_scale)));
  access.Store(mean, of.mean + i);
  access.Store(square, of.square + i);
  const V root = hn::Div(hn::Sqrt(square), Constant(step.root_correction));
  const V change =
      hn::Div(hn::Mul(Constant(-step.step_size), mean), hn::Add(root, Constant(step.epsilon)));
  const V decayed = hn::Mul(access.Load(of.parameter + i), Constant(step.parameter_scale));
  const V parameter = hn::Add(decayed, change);
  access.Store(parameter, of.parameter + i);
  if (!of.average) return;
  const V average = access.Load(of.average + i);
  const V apart = hn::Mul(hn::Sub(average, parameter), Constant(step.average_weight));
  access.Store(hn::Sub(average, apart), of.average + i);
}

}  // namespace

void AdamUpdate(const AdamStep& step, const AdamArrays& arrays, size_t begin, size_t end) {
  const size_t lanes = hn::Lanes(Floats());
  size_t i = begin;
  for (; i + lanes <= end; i += lanes) Update(step, arrays, i, Access<true>{lanes});
  if (i < end) Update(step, arrays, i, Access<false>{end - i});
}

double SumOfSquares(const float* HWY_RESTRICT values, size_t n) {
  const hn::ScalableTag<double> wide;
  const hn::Rebind<float, decltype(wide)> narrow;
  const size_t lanes = hn::Lanes(wide);
  // Several sums, so that one addition needn't wait for another.
  auto a = hn::Zero(wide), b = hn::Zero(wide), c = hn::Zero(wide), d = hn::Zero(wide);
  const auto add = [&](size_t i, auto& sum) {
    const auto value = hn::PromoteTo(wide, hn::LoadU(narrow, values + i));
    sum = hn::MulAdd(value, value, sum);
  };
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    add(i, a);
    add(i + lanes, b);
    add(i + 2 * lanes, c);
    add(i + 3 * lanes, d);
  }
  double sum = hn::GetLane(hn::SumOfLanes(wide, hn::Add(hn::Add(a, b), hn::Add(c, d))));
  for (; i < n; ++i) sum += double{values[i]} * values[i];
  return sum;
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(AdamUpdate);
HWY_EXPORT(SumOfSquares);

void adam_update(const AdamStep& step, const AdamArrays& arrays, size_t begin, size_t end) {
  HWY_DYNAMIC_DISPATCH(AdamUpdate)(step, arrays, begin, end);
}

double sum_of_squares(const float* values, size_t n) {
  return HWY_DYNAMIC_DISPATCH(SumOfSquares)(values, n);
}

}  // namespace mezzotint::kernels
#endif
