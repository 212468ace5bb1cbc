// Copies of blocks of a matrix that put what a product reads together side by side. Compiled once
// for each instruction set, so the guard toggles (Highway's way for -inl.h files).
#if defined(MEZZOTINT_KERNELS_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_PACK_INL_H_
#undef MEZZOTINT_KERNELS_PACK_INL_H_
#else
#define MEZZOTINT_KERNELS_PACK_INL_H_
#endif

#include <algorithm>

#include "mezzotint/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// to[i][j] = from[i][j] for i < rows, j < columns; zero for j in [columns, to_step).
HWY_INLINE void PackRows(const float* HWY_RESTRICT from, size_t from_step, size_t rows,
                         size_t columns, float* HWY_RESTRICT to, size_t to_step) {
  const size_t lanes = hn::Lanes(Floats());
  for (size_t i = 0; i < rows; ++i)
    for (size_t j = 0; j < to_step; j += lanes)
      hn::StoreU(
          LoadPart(from + i * from_step + j, std::min(lanes, columns - std::min(j, columns))),
          Floats(), to + i * to_step + j);
}

#if HWY_TARGET == HWY_SCALAR
constexpr size_t kTurned = 1;
HWY_INLINE void TurnBlock(const float* HWY_RESTRICT from, size_t /*from_step*/,
                          float* HWY_RESTRICT to, size_t /*to_step*/) {
  *to = *from;
}
#else
constexpr size_t kTurned = 4;
/// to[j][i] = from[i][j] for i, j < 4.
HWY_INLINE void TurnBlock(const float* HWY_RESTRICT from, size_t from_step, float* HWY_RESTRICT to,
                          size_t to_step) {
  const hn::FixedTag<float, 4> d;
  const auto a = hn::LoadU(d, from), b = hn::LoadU(d, from + from_step),
             c = hn::LoadU(d, from + 2 * from_step), e = hn::LoadU(d, from + 3 * from_step);
  const auto ac = hn::InterleaveLower(d, a, c), be = hn::InterleaveLower(d, b, e);
  const auto ac_end = hn::InterleaveUpper(d, a, c), be_end = hn::InterleaveUpper(d, b, e);
  hn::StoreU(hn::InterleaveLower(d, ac, be), d, to);
  hn::StoreU(hn::InterleaveUpper(d, ac, be), d, to + to_step);
  hn::StoreU(hn::InterleaveLower(d, ac_end, be_end), d, to + 2 * to_step);
  hn::StoreU(hn::InterleaveUpper(d, ac_end, be_end), d, to + 3 * to_step);
}
#endif

/// to[j][i] = from[i][j] for i < rows, j < columns.
HWY_INLINE void Turn(const float* HWY_RESTRICT from, size_t from_step, size_t rows, size_t columns,
                     float* HWY_RESTRICT to, size_t to_step) {
  const size_t whole_rows = rows / kTurned * kTurned, whole_columns = columns / kTurned * kTurned;
  // A line of 64 bytes is read from each of four rows at a time, while the rows written stay in the
  // first-level cache.
  for (size_t start = 0; start < whole_columns; start += 16)
    for (size_t i = 0; i < whole_rows; i += kTurned)
      for (size_t j = start; j < std::min(start + 16, whole_columns); j += kTurned)
        TurnBlock(from + i * from_step + j, from_step, to + j * to_step + i, to_step);
  for (size_t j = 0; j < columns; ++j)
    for (size_t i = j < whole_columns ? whole_rows : 0; i < rows; ++i)
      to[j * to_step + i] = from[i * from_step + j];
}

/// The same, with zeros for i in [rows, to_step).
HWY_INLINE void PackTurned(const float* from, size_t from_step, size_t rows, size_t columns,
                           float* to, size_t to_step) {
  Turn(from, from_step, rows, columns, to, to_step);
  for (size_t j = 0; j < columns && rows < to_step; ++j)
    std::fill(to + j * to_step + rows, to + (j + 1) * to_step, 0.0f);
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
