// Products of small matrices held in registers. Compiled once for each instruction set, so the
// guard toggles (Highway's way for -inl.h files).
#if defined(MEZZOTINT_KERNELS_PRODUCTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_PRODUCTS_INL_H_
#undef MEZZOTINT_KERNELS_PRODUCTS_INL_H_
#else
#define MEZZOTINT_KERNELS_PRODUCTS_INL_H_
#endif

#include <utility>

#include <hwy/cache_control.h>

#include "mezzotint/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {

// A product takes panels of columns as wide as the registers allow: 6 rows x 4 vectors with 32
// registers, 6 x 2 with 16.
constexpr bool kManyRegisters = HWY_TARGET <= HWY_AVX3;
constexpr size_t kPanelVectors = kManyRegisters ? 4 : 2;

/// How the first factor lies in memory.
enum class Lying { kRows, kColumns };

/// The two factors and the result of sums[r][j] (+)= sum over i < count of a[r][i] * b[i][j].
template <Lying kA>
struct Product {
  const float* a;  ///< (r, i) at r * a_step + i; by columns at i * a_step + r
  size_t a_step;
  const float* b;  ///< (i, j) at i * b_step + j
  size_t b_step;
  size_t count;
  float* sums;  ///< (r, j) at r * sums_row + j
  size_t sums_row;
  const float* bias = nullptr;    ///< added to every row: (j) at j; or null
  const float* addend = nullptr;  ///< added: (r, j) at r * addend_row + j; or null
  size_t addend_row = 0;
  const float* more_a = nullptr;  ///< goes on where a's rows end: (r, count + i); or null
  size_t more_step = 0, more_count = 0;
  bool streamed = false;  ///< sums go past the caches; only whole lines may
};

/// Lines that a block of registers asks for while it works, one at each of its products: the one
/// at from + i * step with product i; null: none. What comes from afar is best asked for this way,
/// as the hardware foresees short rows badly and many lines at a time wait for each other.
struct Ahead {
  const float* from = nullptr;
  size_t step = 0;
};

/// Asks for nothing. What does is given the first of a block's rows, their number, and 1 where the
/// rows go on in more_a, else 0.
struct AsksNothing {
  HWY_INLINE Ahead operator()(size_t /*first*/, size_t /*rows*/, size_t /*part*/) const {
    return {};
  }
};

/// acc += a b for kRows x kVectors sums: an outer product for each i.
template <size_t kRows, size_t kVectors>
HWY_INLINE void AddProducts(const float* HWY_RESTRICT a, size_t a_row, size_t a_next,
                            const float* HWY_RESTRICT b, size_t b_step, size_t count, Ahead ahead,
                            V (&acc)[kRows][kVectors]) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  for (size_t i = 0; i < count; ++i) {
    if (ahead.from) hwy::Prefetch(ahead.from + i * ahead.step);
    V columns[kVectors];
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j) columns[j] = hn::LoadU(d, b + i * b_step + j * lanes);
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r) {
      const V row = hn::Set(d, a[r * a_row + i * a_next]);
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; ++j) acc[r][j] = hn::MulAdd(row, columns[j], acc[r][j]);
    }
  }
}

/// What is stored in place of a vector of sums, of which row and which vector: the sums themselves.
struct AsTheyAre {
  HWY_INLINE V operator()(V sums, size_t /*row*/, size_t /*vector*/) const { return sums; }
};

/// kRows x kVectors sums held in registers.
template <bool kAdd, size_t kRows, size_t kVectors, Lying kA, class Finish, class Ask>
HWY_INLINE void RegisterBlock(const Product<kA>& m, size_t first_row, const Finish& finish,
                              const Ask& ask) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  const size_t a_row = kA == Lying::kRows ? m.a_step : 1,
               a_next = kA == Lying::kRows ? 1 : m.a_step;
  const float* HWY_RESTRICT a = m.a + first_row * a_row;
  const float* HWY_RESTRICT b = m.b;
  float* HWY_RESTRICT sums = m.sums + first_row * m.sums_row;
  const size_t b_step = m.b_step, count = m.count;
  V acc[kRows][kVectors];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j)
      acc[r][j] = kAdd ? hn::LoadU(d, sums + r * m.sums_row + j * lanes) : hn::Zero(d);
  for (const auto& [from, step] : {std::pair{m.bias, size_t{0}}, {m.addend, m.addend_row}}) {
    if (!from) continue;
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; ++j)
        acc[r][j] = hn::Add(acc[r][j], hn::LoadU(d, from + (first_row + r) * step + j * lanes));
  }
  AddProducts(a, a_row, a_next, b, b_step, count, ask(first_row, kRows, 0), acc);
  if constexpr (kA == Lying::kRows)
    if (m.more_a)
      AddProducts(m.more_a + first_row * m.more_step, m.more_step, 1, b + count * b_step, b_step,
                  m.more_count, ask(first_row, kRows, 1), acc);
  if (m.streamed) {
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; ++j)
        hn::Stream(finish(acc[r][j], first_row + r, j), d, sums + r * m.sums_row + j * lanes);
    return;
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j)
      hn::StoreU(finish(acc[r][j], first_row + r, j), d, sums + r * m.sums_row + j * lanes);
}

/// All rows of a panel of kVectors, in blocks of registers.
template <bool kAdd, size_t kVectors, Lying kA, class Finish, class Ask>
HWY_INLINE void Panel(size_t rows, const Product<kA>& m, const Finish& finish, const Ask& ask) {
  constexpr size_t kRows = kManyRegisters && kVectors <= 2 ? 12 : 6;
  size_t r = 0;
  // Twice four rows rather than six and two single ones, whose few sums wait for each other.
  for (; r + kRows <= rows && r + 8 != rows; r += kRows)
    RegisterBlock<kAdd, kRows, kVectors>(m, r, finish, ask);
  for (; r + 4 <= rows; r += 4) RegisterBlock<kAdd, 4, kVectors>(m, r, finish, ask);
  for (; r < rows; ++r) RegisterBlock<kAdd, 1, kVectors>(m, r, finish, ask);
}

/// sums = finish((kAdd ? sums : 0) + a b) for `rows` rows and `vectors` <= kPanelVectors vectors of
/// columns.
template <bool kAdd, Lying kA, class Finish = AsTheyAre, class Ask = AsksNothing>
HWY_INLINE void MultiplyPanel(size_t rows, size_t vectors, const Product<kA>& m,
                              const Finish& finish = {}, const Ask& ask = {}) {
  switch (vectors) {
    case 1:
      return Panel<kAdd, 1>(rows, m, finish, ask);
    case 2:
      return Panel<kAdd, 2>(rows, m, finish, ask);
    case 3:
      return Panel<kAdd, 3>(rows, m, finish, ask);
    default:
      return Panel<kAdd, 4>(rows, m, finish, ask);
  }
}

/// The same where only the call knows whether to add.
template <Lying kA, class Finish = AsTheyAre, class Ask = AsksNothing>
HWY_INLINE void MultiplyPanel(bool add, size_t rows, size_t vectors, const Product<kA>& m,
                              const Finish& finish = {}, const Ask& ask = {}) {
  if (add)
    MultiplyPanel<true>(rows, vectors, m, finish, ask);
  else
    MultiplyPanel<false>(rows, vectors, m, finish, ask);
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
