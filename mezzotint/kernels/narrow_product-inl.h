// Products with at most eight columns, half a vector of AVX-512: two terms of each sum are added up
// side by side. Compiled once for each instruction set, so the guard toggles (Highway's way for
// -inl.h files).
#if defined(MEZZOTINT_KERNELS_NARROW_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_NARROW_PRODUCT_INL_H_
#undef MEZZOTINT_KERNELS_NARROW_PRODUCT_INL_H_
#else
#define MEZZOTINT_KERNELS_NARROW_PRODUCT_INL_H_
#endif

#include <algorithm>
#include <cstring>

#include "mezzotint/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kNarrow = 8;

/// Whether kNarrow columns would leave half of a vector empty.
HWY_INLINE bool VectorsAreWide() { return hn::Lanes(Floats()) == 2 * kNarrow; }

// Rows come in pairs: element j of row 2 * i + h at i * 2 * kNarrow + 2 * j + h.

/// from [rows][columns <= kNarrow] -> pairs, the last one filled up with zeros.
HWY_INLINE void PackPairs(const float* HWY_RESTRICT from, size_t step, size_t rows, size_t columns,
                          float* HWY_RESTRICT pairs) {
  for (size_t i = 0; i < rows; i += 2, pairs += 2 * kNarrow) {
    std::fill(pairs, pairs + 2 * kNarrow, 0.0f);
    for (size_t h = 0; h < std::min<size_t>(2, rows - i); ++h)
      for (size_t j = 0; j < columns; ++j) pairs[2 * j + h] = from[(i + h) * step + j];
  }
}

#if HWY_TARGET == HWY_SCALAR  // its vectors aren't wide
HWY_INLINE V Pair(const float* from) { return Constant(*from); }
HWY_INLINE V SumOfPairs(V sums) { return sums; }
#else
/// The two floats at `from` over and over.
HWY_INLINE V Pair(const float* from) {
  double both;
  std::memcpy(&both, from, sizeof both);
  return hn::BitCast(Floats(), hn::Set(hn::ScalableTag<double>(), both));
}

/// A row's sums: those of the even terms and of the odd ones added.
HWY_INLINE V SumOfPairs(V sums) {
  const Floats d;
  const V both = hn::Add(sums, hn::Reverse2(d, sums));
  return hn::ConcatEven(d, both, both);
}
#endif

/// sums[r] += sum over i < pairs of a[r * a_step + 2 * i + h] * b[i], h for every other element,
/// for kRows rows of sums held in registers.
template <size_t kRows>
HWY_INLINE void NarrowBlock(const float* HWY_RESTRICT a, size_t a_step, const float* HWY_RESTRICT b,
                            size_t pairs, float* HWY_RESTRICT sums) {
  const Floats d;
  V acc[kRows];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) acc[r] = hn::LoadU(d, sums + r * 2 * kNarrow);
  for (size_t i = 0; i < pairs; ++i) {
    const V row = hn::LoadU(d, b + i * 2 * kNarrow);
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r)
      acc[r] = hn::MulAdd(Pair(a + r * a_step + 2 * i), row, acc[r]);
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) hn::StoreU(acc[r], d, sums + r * 2 * kNarrow);
}

/// The same for any number of rows. Only where VectorsAreWide.
HWY_INLINE void AddNarrowProduct(size_t rows, const float* a, size_t a_step, const float* b,
                                 size_t pairs, float* sums) {
  size_t r = 0;
  for (; r + 16 <= rows; r += 16)
    NarrowBlock<16>(a + r * a_step, a_step, b, pairs, sums + r * 2 * kNarrow);
  for (; r + 4 <= rows; r += 4)
    NarrowBlock<4>(a + r * a_step, a_step, b, pairs, sums + r * 2 * kNarrow);
  for (; r < rows; ++r) NarrowBlock<1>(a + r * a_step, a_step, b, pairs, sums + r * 2 * kNarrow);
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
