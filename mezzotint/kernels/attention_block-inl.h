// A block of queries of an attention head. Compiled once for each instruction set, so the guard
// toggles (Highway's way for -inl.h files).
#if defined(MEZZOTINT_KERNELS_ATTENTION_BLOCK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_ATTENTION_BLOCK_INL_H_
#undef MEZZOTINT_KERNELS_ATTENTION_BLOCK_INL_H_
#else
#define MEZZOTINT_KERNELS_ATTENTION_BLOCK_INL_H_
#endif

#include <algorithm>
#include <cmath>
#include <numbers>

#include <hwy/cache_control.h>

#include "mezzotint/kernels/attention.h"
#include "mezzotint/kernels/exp-inl.h"
#include "mezzotint/kernels/pack-inl.h"
#include "mezzotint/kernels/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Everything runs along the queries: a block of them is turned once to [head_size][queries], and
// scores are [keys][queries]. So vectors are full for heads of any size, keys and values are read
// where they lie, and a query's largest score and sum of exponentials take no sums within a vector.

/// Keys whose scores are made together.
constexpr size_t kKeys = 64;

/// The queries [first, first + count), of which the last vector may hold fewer than its lanes.
struct QueryBlock {
  size_t first, count, width;
  QueryBlock(size_t first, size_t last)
      : first(first), count(std::min(kAttentionBlock, last - first)), width(Padded(count)) {}
};

/// What scores are multiplied with, for exponentials to base 2.
HWY_INLINE float ScoreScale(const AttentionShape& shape) {
  return static_cast<float>(std::numbers::log2e / std::sqrt(static_cast<double>(shape.head_size)));
}

/// to [rows][queries] (+)= a b, with b [count][queries]; finish(sums, row, first query) of them is
/// stored.
template <bool kAdd, Lying kA, class Finish = AsTheyAre>
HWY_INLINE void QueryProduct(const QueryBlock& block, size_t rows, const float* a, size_t a_step,
                             const float* b, size_t count, float* to, const Finish& finish = {}) {
  const size_t lanes = hn::Lanes(Floats()), vectors = block.width / lanes;
  for (size_t j = 0; j < vectors; j += kPanelVectors)
    MultiplyPanel<kAdd>(
        rows, std::min(kPanelVectors, vectors - j),
        Product<kA>{a, a_step, b + j * lanes, block.width, count, to + j * lanes, block.width},
        // By value: what is captured by reference would be read again after every store.
        [=](V sums, size_t row, size_t vector) { return finish(sums, row, (j + vector) * lanes); });
}

/// Asks for rows of a block of keys, `step` floats apart, unless those of all keys stay in the
/// cache.
HWY_INLINE void PrefetchRows(const AttentionShape& shape, const float* from, size_t step,
                             size_t keys) {
  constexpr size_t kCached = size_t{1} << 18;
  if (shape.tokens * shape.head_size < kCached) return;
  for (size_t i = 0; i < keys; ++i)
    for (size_t e = 0; e < shape.head_size; e += kLine) hwy::Prefetch(from + i * step + e);
}

/// Rows of the block [queries][head_size] -> [head_size][queries], zeros for missing queries.
HWY_INLINE void TurnQueries(const AttentionShape& shape, const QueryBlock& block, const float* from,
                            float* to) {
  PackTurned(from + block.first * shape.stride, shape.stride, block.count, shape.head_size, to,
             block.width);
}

/// [head_size][queries] -> rows of the block.
HWY_INLINE void TurnBack(const AttentionShape& shape, const QueryBlock& block, const float* from,
                         float* to) {
  Turn(from, block.width, shape.head_size, block.count, to + block.first * shape.stride,
       shape.stride);
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
