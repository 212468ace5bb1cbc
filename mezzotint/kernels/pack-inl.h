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
HWY_INLINE void TurnBlocks(const float* from, size_t from_step, float* to, size_t to_step) {
  TurnBlock(from, from_step, to, to_step);
}
#else
constexpr size_t kTurned = 4;

/// Four floats of each of the rows 0, 4, 8, ..., as many as the vector holds.
template <size_t kLanes>
HWY_INLINE hn::Vec<hn::FixedTag<float, kLanes> > EveryFourthRow(const float* from, size_t step) {
  const hn::FixedTag<float, kLanes> d;
  if constexpr (kLanes == 4)
    return hn::LoadU(d, from);
  else
    return hn::Combine(d, EveryFourthRow<kLanes / 2>(from + kLanes / 2 * step, step),
                       EveryFourthRow<kLanes / 2>(from, step));
}

/// to[j][i] = from[i][j] for i < kRows, j < 4.
template <size_t kRows>
HWY_INLINE void TurnRows(const float* HWY_RESTRICT from, size_t from_step, float* HWY_RESTRICT to,
                         size_t to_step) {
  const hn::FixedTag<float, kRows> d;
  const auto a = EveryFourthRow<kRows>(from, from_step),
             b = EveryFourthRow<kRows>(from + from_step, from_step),
             c = EveryFourthRow<kRows>(from + 2 * from_step, from_step),
             e = EveryFourthRow<kRows>(from + 3 * from_step, from_step);
  const auto ac = hn::InterleaveLower(d, a, c), be = hn::InterleaveLower(d, b, e);
  const auto ac_end = hn::InterleaveUpper(d, a, c), be_end = hn::InterleaveUpper(d, b, e);
  hn::StoreU(hn::InterleaveLower(d, ac, be), d, to);
  hn::StoreU(hn::InterleaveUpper(d, ac, be), d, to + to_step);
  hn::StoreU(hn::InterleaveLower(d, ac_end, be_end), d, to + 2 * to_step);
  hn::StoreU(hn::InterleaveUpper(d, ac_end, be_end), d, to + 3 * to_step);
}

/// As many rows as a vector has lanes.
HWY_INLINE void TurnBlocks(const float* HWY_RESTRICT from, size_t from_step, float* HWY_RESTRICT to,
                           size_t to_step) {
  TurnRows<hn::MaxLanes(Floats())>(from, from_step, to, to_step);
}
/// kTurned rows.
HWY_INLINE void TurnBlock(const float* HWY_RESTRICT from, size_t from_step, float* HWY_RESTRICT to,
                          size_t to_step) {
  TurnRows<4>(from, from_step, to, to_step);
}
#endif

/// to[j][i] = from[i][j] for i < rows, j < columns.
HWY_INLINE void Turn(const float* HWY_RESTRICT from, size_t from_step, size_t rows, size_t columns,
                     float* HWY_RESTRICT to, size_t to_step) {
  const size_t lanes = hn::Lanes(Floats()), wide_rows = rows / lanes * lanes,
               whole_rows = rows / kTurned * kTurned, whole_columns = columns / kTurned * kTurned;
  // A line of 64 bytes is read from each of some rows at a time, while the rows written stay in the
  // first-level cache.
  for (size_t start = 0; start < whole_columns; start += 16) {
    const size_t end = std::min(start + 16, whole_columns);
    for (size_t i = 0; i < wide_rows; i += lanes)
      for (size_t j = start; j < end; j += kTurned)
        TurnBlocks(from + i * from_step + j, from_step, to + j * to_step + i, to_step);
    for (size_t i = wide_rows; i < whole_rows; i += kTurned)
      for (size_t j = start; j < end; j += kTurned)
        TurnBlock(from + i * from_step + j, from_step, to + j * to_step + i, to_step);
  }
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
