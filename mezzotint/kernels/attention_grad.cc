#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/attention_grad.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/attention_block-inl.h"
#include "mezzotint/kernels/narrow_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

// With P the probabilities, dP = dO V^T, D the row sums of dO * O and dS = P * (dP - D):
//   dV = P^T dO,  dQ = dS K / sqrt(head size),  dK = dS^T Q / sqrt(head size)
// Dao et al. 2022, arXiv:2205.14135, appendix B.2.

/// Heads of at most eight channels take the queries by pairs.
HWY_INLINE bool IsNarrow(const AttentionShape& shape) {
  return shape.head_size <= kNarrow && VectorsAreWide();
}

/// Floats of a row of the sums.
HWY_INLINE size_t RowFloats(const AttentionShape& shape) { return Padded(shape.head_size); }

/// A thread's scratch: [...][queries], but for the rows.
struct GradScratch {
  float *queries, *grads, *grad_queries;  ///< [head_size]
  float *chances, *grad_scores;           ///< [kKeys]
  float *means, *origins;                 ///< D; the logarithms of the sums of exponentials
  float *query_rows, *grad_rows;          ///< [panel][queries][panel's width], or pairs of queries
  GradScratch(const AttentionShape& shape, float* memory)
      : queries(memory),
        grads(queries + shape.head_size * kAttentionBlock),
        grad_queries(grads + shape.head_size * kAttentionBlock),
        chances(grad_queries + shape.head_size * kAttentionBlock),
        grad_scores(chances + kKeys * kAttentionBlock),
        means(grad_scores + kKeys * kAttentionBlock),
        origins(means + kAttentionBlock),
        query_rows(origins + kAttentionBlock),
        grad_rows(query_rows + RowFloats(shape) * kAttentionBlock) {}
  static size_t size(const AttentionShape& shape) {
    return (3 * shape.head_size + 2 * kKeys + 2 + 2 * RowFloats(shape)) * kAttentionBlock;
  }
};

/// Calls body(first column, columns, padded columns) for each panel of a head's channels.
template <class Body>
HWY_INLINE void ForPanels(size_t head_size, const Body& body) {
  const size_t panel = kPanelVectors * hn::Lanes(Floats());
  for (size_t start = 0; start < head_size; start += panel) {
    const size_t used = std::min(panel, head_size - start);
    body(start, used, Padded(used));
  }
}

HWY_INLINE void PackPanels(const AttentionShape& shape, const QueryBlock& block, const float* from,
                           float* to) {
  if (IsNarrow(shape))
    return PackPairs(from + block.first * shape.stride, shape.stride, block.count, shape.head_size,
                     to);
  ForPanels(shape.head_size, [&](size_t start, size_t used, size_t width) {
    PackRows(from + block.first * shape.stride + start, shape.stride, block.count, used,
             to + start * block.count, width);
  });
}

/// D, from the gradients [head_size][queries]; `outs` is room for as many numbers.
HWY_INLINE void Means(const AttentionShape& shape, const QueryBlock& block, const float* out,
                      const float* grads, float* outs, float* means) {
  const Floats d;
  TurnQueries(shape, block, out, outs);
  for (size_t j = 0; j < block.width; j += hn::Lanes(d)) {
    V sum = hn::Zero(d);
    for (size_t e = 0; e < shape.head_size; ++e)
      sum = hn::MulAdd(hn::LoadU(d, grads + e * block.width + j),
                       hn::LoadU(d, outs + e * block.width + j), sum);
    hn::StoreU(sum, d, means + j);
  }
}

/// chances = P and grad_scores = dS, for `keys` keys from `key` on.
HWY_INLINE void Scores(const AttentionShape& shape, const AttentionSaved& saved,
                       const QueryBlock& block, size_t key, size_t keys, const GradScratch& s) {
  const Floats d;
  const V scale = Constant(ScoreScale(shape));
  const size_t size = shape.head_size, at = key * shape.stride, width = block.width;
  const float *origins = s.origins, *means = s.means, *chances = s.chances;
  const auto chance = [=](V score, size_t, size_t query) {
    return Exp2OfNegative(hn::MulSub(score, scale, hn::LoadU(d, origins + query)));
  };
  const auto grad_score = [=](V grad, size_t row, size_t query) {
    return hn::Mul(hn::LoadU(d, chances + row * width + query),
                   hn::Sub(grad, hn::LoadU(d, means + query)));
  };
  QueryProduct<false, Lying::kRows>(block, keys, saved.k + at, shape.stride, s.queries, size,
                                    s.chances, chance);
  QueryProduct<false, Lying::kRows>(block, keys, saved.v + at, shape.stride, s.grads, size,
                                    s.grad_scores, grad_score);
}

/// sums [keys][RowFloats] += weights [keys][queries] rows. An odd query's partner weighs nothing.
HWY_INLINE void AddToKeys(const AttentionShape& shape, const QueryBlock& block, size_t keys,
                          const float* weights, const float* rows, float* sums) {
  if (IsNarrow(shape))
    return AddNarrowProduct(keys, weights, block.width, rows, hwy::DivCeil(block.count, 2), sums);
  ForPanels(shape.head_size, [&](size_t start, size_t, size_t width) {
    MultiplyPanel<true>(keys, width / hn::Lanes(Floats()),
                        Product<Lying::kRows>{weights, block.width, rows + start * block.count,
                                              width, block.count, sums + start, RowFloats(shape)});
  });
}

/// One block of queries with all keys.
HWY_INLINE void BlockBackward(const AttentionShape& shape, const AttentionSaved& saved,
                              const QueryBlock& block, const GradScratch& s, float* key_sums,
                              float* value_sums) {
  const size_t size = shape.head_size, padded = RowFloats(shape);
  for (size_t key = 0; key < shape.tokens; key += kKeys) {
    const size_t keys = std::min(kKeys, shape.tokens - key);
    PrefetchRows(shape, value_sums + key * padded, padded, keys);
    PrefetchRows(shape, key_sums + key * padded, padded, keys);
    Scores(shape, saved, block, key, keys, s);
    AddToKeys(shape, block, keys, s.chances, s.grad_rows, value_sums + key * padded);
    AddToKeys(shape, block, keys, s.grad_scores, s.query_rows, key_sums + key * padded);
    QueryProduct<true, Lying::kColumns>(block, size, saved.k + key * shape.stride, shape.stride,
                                        s.grad_scores, keys, s.grad_queries);
  }
}

/// to = scale * from, for rows of a head.
HWY_INLINE void ScaleRow(const float* from, size_t count, float scale, float* to) {
  const Floats d;
  for (size_t i = 0; i < count; i += hn::Lanes(d))
    StorePart(hn::Mul(LoadPart(from + i, std::min(hn::Lanes(d), count - i)), Constant(scale)),
              to + i, std::min(hn::Lanes(d), count - i));
}

HWY_INLINE float GradScale(const AttentionShape& shape) {
  return 1 / std::sqrt(static_cast<float>(shape.head_size));
}

void Backward(const AttentionShape& shape, const AttentionSaved& saved, size_t first, size_t last,
              float* grad_q, float* sums, float* scratch) {
  const GradScratch s(shape, scratch);
  float* value_sums = sums + shape.tokens * RowFloats(shape);
  for (size_t begin = first; begin < last; begin += kAttentionBlock) {
    const QueryBlock block(begin, last);
    const size_t floats = shape.head_size * block.width;
    TurnQueries(shape, block, saved.q, s.queries);
    TurnQueries(shape, block, saved.grad_out, s.grads);
    PackPanels(shape, block, saved.q, s.query_rows);
    PackPanels(shape, block, saved.grad_out, s.grad_rows);
    Means(shape, block, saved.out, s.grads, s.grad_queries, s.means);
    PackRows(saved.log_sums + begin, 0, 1, block.count, s.origins, block.width);
    std::fill(s.grad_queries, s.grad_queries + floats, 0.0f);
    BlockBackward(shape, saved, block, s, sums, value_sums);
    ScaleRow(s.grad_queries, floats, GradScale(shape), s.grad_queries);
    TurnBack(shape, block, s.grad_queries, grad_q);
  }
}

/// to = scale * (from + the same of the other parts, `part_step` apart), added in their order.
HWY_INLINE void WriteRow(const AttentionShape& shape, const float* HWY_RESTRICT from, size_t parts,
                         size_t part_step, float scale, float* HWY_RESTRICT to) {
  const Floats d;
  const bool in_pairs = IsNarrow(shape);
  for (size_t e = 0; e < shape.head_size; e += hn::Lanes(d)) {
    V sum = hn::LoadU(d, from + e);
    for (size_t part = 1; part < parts; ++part)
      sum = hn::Add(sum, hn::LoadU(d, from + part * part_step + e));
    if (in_pairs) sum = SumOfPairs(sum);
    StorePart(hn::Mul(sum, Constant(scale)), to + e, std::min(hn::Lanes(d), shape.head_size - e));
  }
}

void KeyGrads(const AttentionShape& shape, const float* sums, size_t parts, size_t first,
              size_t last, float* grad_k, float* grad_v) {
  const size_t row = RowFloats(shape), half = shape.tokens * row;
  for (size_t token = first; token < last; ++token) {
    const float* from = sums + token * row;
    WriteRow(shape, from, parts, 2 * half, GradScale(shape), grad_k + token * shape.stride);
    WriteRow(shape, from + half, parts, 2 * half, 1.0f, grad_v + token * shape.stride);
  }
}

size_t GradScratchSize(const AttentionShape& shape) { return GradScratch::size(shape); }
size_t SumsSize(const AttentionShape& shape) { return 2 * shape.tokens * RowFloats(shape); }

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(GradScratchSize);
HWY_EXPORT(SumsSize);
HWY_EXPORT(Backward);
HWY_EXPORT(KeyGrads);

size_t attention_grad_scratch_size(const AttentionShape& shape) {
  return HWY_DYNAMIC_DISPATCH(GradScratchSize)(shape);
}

size_t attention_sums_size(const AttentionShape& shape) {
  return HWY_DYNAMIC_DISPATCH(SumsSize)(shape);
}

void attention_backward(const AttentionShape& shape, const AttentionSaved& saved, size_t first,
                        size_t last, float* grad_q, float* sums, float* scratch) {
  HWY_DYNAMIC_DISPATCH(Backward)(shape, saved, first, last, grad_q, sums, scratch);
}

void attention_key_grads(const AttentionShape& shape, const float* sums, size_t parts, size_t first,
                         size_t last, float* grad_k, float* grad_v) {
  HWY_DYNAMIC_DISPATCH(KeyGrads)(shape, sums, parts, first, last, grad_k, grad_v);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
