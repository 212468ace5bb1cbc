#include "mezzotint/kernels/attention.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/attention.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/attention_block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

/// A thread's scratch, [...][queries] throughout.
struct ForwardScratch {
  float *queries, *mixed;  ///< [head_size]
  float* scores;           ///< [kKeys]
  float *largest, *sums;   ///< of the keys so far: scores, and exponentials relative to it
  ForwardScratch(const AttentionShape& shape, float* memory)
      : queries(memory),
        mixed(queries + shape.head_size * kAttentionBlock),
        scores(mixed + shape.head_size * kAttentionBlock),
        largest(scores + kKeys * kAttentionBlock),
        sums(largest + kAttentionBlock) {}
  static size_t size(const AttentionShape& shape) {
    return (2 * shape.head_size + kKeys + 2) * kAttentionBlock;
  }
};

/// The largest of `count` numbers `step` apart, lane by lane.
HWY_INLINE V Largest(const float* HWY_RESTRICT from, size_t count, size_t step) {
  const Floats d;
  V even = hn::LoadU(d, from), odd = even;
  size_t i = 0;
  for (; i + 2 <= count; i += 2) {
    even = hn::Max(even, hn::LoadU(d, from + i * step));
    odd = hn::Max(odd, hn::LoadU(d, from + (i + 1) * step));
  }
  if (i < count) even = hn::Max(even, hn::LoadU(d, from + i * step));
  return hn::Max(even, odd);
}

/// scores -> 2^(scale * (scores - largest)). @return their sum.
HWY_INLINE V Exponentials(float* HWY_RESTRICT scores, size_t count, size_t step, float scale,
                          V largest) {
  const Floats d;
  const V origin = hn::Mul(largest, Constant(scale));
  V sum = hn::Zero(d);
  for (size_t i = 0; i < count; ++i) {
    const V at = hn::MulSub(hn::LoadU(d, scores + i * step), Constant(scale), origin);
    const V value = Exp2OfNegative(at);
    sum = hn::Add(sum, value);
    hn::StoreU(value, d, scores + i * step);
  }
  return sum;
}

/// The scores of `keys` keys become exponentials; what was gathered from the keys before them is
/// brought to the new largest score.
HWY_INLINE void Soften(const AttentionShape& shape, const QueryBlock& block, size_t keys,
                       bool first_keys, const ForwardScratch& s) {
  const Floats d;
  const float scale = ScoreScale(shape);
  for (size_t j = 0; j < block.width; j += hn::Lanes(d)) {
    V largest = Largest(s.scores + j, keys, block.width), before = hn::Zero(d);
    if (!first_keys) {
      const V old = hn::LoadU(d, s.largest + j);
      largest = hn::Max(largest, old);
      before = hn::LoadU(d, s.sums + j);
      if (!hn::AllTrue(d, hn::Eq(largest, old))) {
        const V less = Exp2OfNegative(hn::Mul(hn::Sub(old, largest), Constant(scale)));
        before = hn::Mul(before, less);
        for (size_t e = 0; e < shape.head_size; ++e) {
          float* mixed = s.mixed + e * block.width + j;
          hn::StoreU(hn::Mul(hn::LoadU(d, mixed), less), d, mixed);
        }
      }
    }
    const V sum = Exponentials(s.scores + j, keys, block.width, scale, largest);
    hn::StoreU(largest, d, s.largest + j);
    hn::StoreU(hn::Add(before, sum), d, s.sums + j);
  }
}

/// out = mixed / sums, and log_sums.
HWY_INLINE void Finish(const AttentionShape& shape, const QueryBlock& block,
                       const ForwardScratch& s, float* out, float* log_sums) {
  const Floats d;
  for (size_t j = 0; j < block.width; j += hn::Lanes(d)) {
    const V share = hn::Div(Constant(1.0f), hn::LoadU(d, s.sums + j));
    for (size_t e = 0; e < shape.head_size; ++e) {
      float* mixed = s.mixed + e * block.width + j;
      hn::StoreU(hn::Mul(hn::LoadU(d, mixed), share), d, mixed);
    }
  }
  TurnBack(shape, block, s.mixed, out);
  for (size_t i = 0; i < block.count; ++i)
    log_sums[block.first + i] = s.largest[i] * ScoreScale(shape) + std::log2(s.sums[i]);
}

void Forward(const AttentionShape& shape, const float* q, const float* k, const float* v,
             size_t first, size_t last, float* out, float* log_sums, float* scratch) {
  const ForwardScratch s(shape, scratch);
  for (size_t begin = first; begin < last; begin += kAttentionBlock) {
    const QueryBlock block(begin, last);
    TurnQueries(shape, block, q, s.queries);
    for (size_t key = 0; key < shape.tokens; key += kKeys) {
      const size_t keys = std::min(kKeys, shape.tokens - key);
      QueryProduct<false, Lying::kRows>(block, keys, k + key * shape.stride, shape.stride,
                                        s.queries, shape.head_size, s.scores);
      // The product reads a few channels of every value at a time, which no hardware foresees.
      PrefetchRows(shape, v + key * shape.stride, shape.stride, keys);
      Soften(shape, block, keys, key == 0, s);
      if (key == 0)
        QueryProduct<false, Lying::kColumns>(block, shape.head_size, v, shape.stride, s.scores,
                                             keys, s.mixed);
      else
        QueryProduct<true, Lying::kColumns>(block, shape.head_size, v + key * shape.stride,
                                            shape.stride, s.scores, keys, s.mixed);
    }
    Finish(shape, block, s, out, log_sums);
  }
}

size_t ScratchSize(const AttentionShape& shape) { return ForwardScratch::size(shape); }

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(ScratchSize);
HWY_EXPORT(Forward);

size_t attention_scratch_size(const AttentionShape& shape) {
  return HWY_DYNAMIC_DISPATCH(ScratchSize)(shape);
}

void attention_forward(const AttentionShape& shape, const float* q, const float* k, const float* v,
                       size_t first, size_t last, float* out, float* log_sums, float* scratch) {
  HWY_DYNAMIC_DISPATCH(Forward)(shape, q, k, v, first, last, out, log_sums, scratch);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
