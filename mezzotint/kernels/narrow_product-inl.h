// Products with eight columns, half a vector of AVX-512. Compiled once for each instruction set, so
// the guard toggles (Highway's way for -inl.h files).
#if defined(MEZZOTINT_KERNELS_NARROW_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_NARROW_PRODUCT_INL_H_
#undef MEZZOTINT_KERNELS_NARROW_PRODUCT_INL_H_
#else
#define MEZZOTINT_KERNELS_NARROW_PRODUCT_INL_H_
#endif

#include "mezzotint/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kNarrow = 8;

/// Whether kNarrow columns would leave half of a vector empty.
HWY_INLINE bool VectorsAreWide() { return hn::Lanes(Floats()) > kNarrow; }

/// sums[r][j] += sum over i < count of a[r * a_step + i] * b[i][j], for kRows rows held in
/// registers.
template <size_t kRows>
HWY_INLINE void NarrowBlock(const float* HWY_RESTRICT a, size_t a_step, const float* HWY_RESTRICT b,
                            size_t count, float* HWY_RESTRICT sums) {
  const hn::CappedTag<float, kNarrow> d;
  hn::Vec<decltype(d)> acc[kRows];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) acc[r] = hn::LoadU(d, sums + r * kNarrow);
  for (size_t i = 0; i < count; ++i) {
    const auto row = hn::LoadU(d, b + i * kNarrow);
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r)
      acc[r] = hn::MulAdd(hn::Set(d, a[r * a_step + i]), row, acc[r]);
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) hn::StoreU(acc[r], d, sums + r * kNarrow);
}

/// The same for any number of rows. Only where VectorsAreWide.
HWY_INLINE void AddNarrowProduct(size_t rows, const float* a, size_t a_step, const float* b,
                                 size_t count, float* sums) {
  size_t r = 0;
  for (; r + 16 <= rows; r += 16)
    NarrowBlock<16>(a + r * a_step, a_step, b, count, sums + r * kNarrow);
  for (; r + 4 <= rows; r += 4)
    NarrowBlock<4>(a + r * a_step, a_step, b, count, sums + r * kNarrow);
  for (; r < rows; ++r) NarrowBlock<1>(a + r * a_step, a_step, b, count, sums + r * kNarrow);
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
