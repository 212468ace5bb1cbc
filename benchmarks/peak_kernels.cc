#include "benchmarks/peak_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "benchmarks/peak_kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mezzotint::benchmarks::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using V = hn::Vec<Floats>;

/// Twelve sums that don't wait for each other hide the latency of a multiply-add (4 cycles, 2 units
/// on today's cores), and fit the 16 registers of AVX2 with the factors.
double MultiplyAdd(size_t rounds, float* sums) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  const V factor = hn::Set(d, 0.999F), term = hn::Set(d, 0.001F);
  V s0 = hn::LoadU(d, sums), s1 = hn::LoadU(d, sums + lanes), s2 = hn::LoadU(d, sums + 2 * lanes),
    s3 = hn::LoadU(d, sums + 3 * lanes), s4 = hn::LoadU(d, sums + 4 * lanes),
    s5 = hn::LoadU(d, sums + 5 * lanes), s6 = hn::LoadU(d, sums + 6 * lanes),
    s7 = hn::LoadU(d, sums + 7 * lanes), s8 = hn::LoadU(d, sums + 8 * lanes),
    s9 = hn::LoadU(d, sums + 9 * lanes), s10 = hn::LoadU(d, sums + 10 * lanes),
    s11 = hn::LoadU(d, sums + 11 * lanes);
  for (size_t i = 0; i < rounds; ++i) {
    s0 = hn::MulAdd(s0, factor, term);
    s1 = hn::MulAdd(s1, factor, term);
    s2 = hn::MulAdd(s2, factor, term);
    s3 = hn::MulAdd(s3, factor, term);
    s4 = hn::MulAdd(s4, factor, term);
    s5 = hn::MulAdd(s5, factor, term);
    s6 = hn::MulAdd(s6, factor, term);
    s7 = hn::MulAdd(s7, factor, term);
    s8 = hn::MulAdd(s8, factor, term);
    s9 = hn::MulAdd(s9, factor, term);
    s10 = hn::MulAdd(s10, factor, term);
    s11 = hn::MulAdd(s11, factor, term);
  }
  s0 =
      hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), hn::Add(hn::Add(s4, s5), hn::Add(s6, s7)));
  hn::StoreU(hn::Add(s0, hn::Add(hn::Add(s8, s9), hn::Add(s10, s11))), d, sums);
  return static_cast<double>(rounds) * 12 * 2 * static_cast<double>(lanes);
}

void Update(const float* a, float* y, size_t n) {
  const Floats d;
  const V half = hn::Set(d, 0.5F);
  const size_t step = hn::Lanes(d);
  size_t i = 0;
  for (; i + step <= n; i += step)
    hn::StoreU(hn::MulAdd(half, hn::LoadU(d, y + i), hn::LoadU(d, a + i)), d, y + i);
  for (; i < n; ++i) y[i] = a[i] + y[i] / 2;
}

}  // namespace mezzotint::benchmarks::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::benchmarks {

HWY_EXPORT(MultiplyAdd);
HWY_EXPORT(Update);

double multiply_add(size_t rounds, float* sums) {
  return HWY_DYNAMIC_DISPATCH(MultiplyAdd)(rounds, sums);
}

void update(const float* a, float* y, size_t n) { HWY_DYNAMIC_DISPATCH(Update)(a, y, n); }

}  // namespace mezzotint::benchmarks
#endif
