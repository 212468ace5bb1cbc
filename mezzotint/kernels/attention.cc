#include "mezzotint/kernels/attention.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/attention.cc"
// clang-format off
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set
#include <hwy/contrib/math/math-inl.h>
// clang-format on

#include "mezzotint/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

// Everything runs along the keys: K and V are transposed once to [head_size][keys], keys padded to
// whole vectors, so that heads of eight fill the registers as well as heads of sixty-four do.
// Padded keys get probability zero.
constexpr size_t kRows = 4;

void Transpose(const AttentionShape& shape, const float* HWY_RESTRICT from, size_t padded,
               float* HWY_RESTRICT to) {
  for (size_t e = 0; e < shape.head_size; ++e) {
    for (size_t t = 0; t < shape.tokens; ++t) to[e * padded + t] = from[t * shape.stride + e];
    std::fill(to + e * padded + shape.tokens, to + (e + 1) * padded, 0.0f);
  }
}

void TransposeBack(const AttentionShape& shape, const float* HWY_RESTRICT from, size_t padded,
                   float* HWY_RESTRICT to) {
  for (size_t e = 0; e < shape.head_size; ++e)
    for (size_t t = 0; t < shape.tokens; ++t) to[t * shape.stride + e] = from[e * padded + t];
}

/// products[r][key] = sum over e of rows[r][e] * transposed[e][key], times scale.
HWY_INLINE void RowsTimesKeys(const AttentionShape& shape, const float* rows,
                              const float* HWY_RESTRICT transposed, size_t padded, float scale,
                              float* HWY_RESTRICT products) {
  const Floats d;
  const V factor = Constant(scale);
  for (size_t key = 0; key < padded; key += hn::Lanes(d)) {
    V acc[kRows];
    for (size_t r = 0; r < kRows; ++r) acc[r] = hn::Zero(d);
    for (size_t e = 0; e < shape.head_size; ++e) {
      const V column = hn::LoadU(d, transposed + e * padded + key);
#pragma GCC unroll 4
      for (size_t r = 0; r < kRows; ++r)
        acc[r] = hn::MulAdd(hn::Set(d, rows[r * shape.head_size + e]), column, acc[r]);
    }
    for (size_t r = 0; r < kRows; ++r)
      hn::StoreU(hn::Mul(acc[r], factor), d, products + r * padded + key);
  }
}

/// sums[r][e] = sum over keys of weights[r][key] * transposed[e][key].
HWY_INLINE void WeightedSums(const AttentionShape& shape, const float* HWY_RESTRICT weights,
                             const float* HWY_RESTRICT transposed, size_t padded,
                             float* HWY_RESTRICT sums) {
  const Floats d;
  for (size_t e = 0; e < shape.head_size; ++e) {
    V acc[kRows];
    for (size_t r = 0; r < kRows; ++r) acc[r] = hn::Zero(d);
    for (size_t key = 0; key < padded; key += hn::Lanes(d)) {
      const V column = hn::LoadU(d, transposed + e * padded + key);
#pragma GCC unroll 4
      for (size_t r = 0; r < kRows; ++r)
        acc[r] = hn::MulAdd(hn::LoadU(d, weights + r * padded + key), column, acc[r]);
    }
    for (size_t r = 0; r < kRows; ++r)
      sums[r * shape.head_size + e] = hn::GetLane(hn::SumOfLanes(d, acc[r]));
  }
}

/// transposed[e][key] += sum over r of weights[r][key] * rows[r][e].
HWY_INLINE void AddOuter(const AttentionShape& shape, const float* HWY_RESTRICT weights,
                         const float* HWY_RESTRICT rows, size_t padded,
                         float* HWY_RESTRICT transposed) {
  const Floats d;
  for (size_t key = 0; key < padded; key += hn::Lanes(d)) {
    V weight[kRows];
    for (size_t r = 0; r < kRows; ++r) weight[r] = hn::LoadU(d, weights + r * padded + key);
    for (size_t e = 0; e < shape.head_size; ++e) {
      V acc = hn::LoadU(d, transposed + e * padded + key);
#pragma GCC unroll 4
      for (size_t r = 0; r < kRows; ++r)
        acc = hn::MulAdd(weight[r], hn::Set(d, rows[r * shape.head_size + e]), acc);
      hn::StoreU(acc, d, transposed + e * padded + key);
    }
  }
}

/// scores -> exp(scores - origin). @return their sum.
HWY_INLINE float Exponentials(size_t padded, float origin, float* HWY_RESTRICT scores) {
  const Floats d;
  V sum = hn::Zero(d);
  for (size_t key = 0; key < padded; key += hn::Lanes(d)) {
    const V value = hn::Exp(d, hn::Sub(hn::LoadU(d, scores + key), Constant(origin)));
    sum = hn::Add(sum, value);
    hn::StoreU(value, d, scores + key);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

HWY_INLINE float Largest(size_t padded, const float* HWY_RESTRICT scores) {
  const Floats d;
  V largest = hn::LoadU(d, scores);
  for (size_t key = hn::Lanes(d); key < padded; key += hn::Lanes(d))
    largest = hn::Max(largest, hn::LoadU(d, scores + key));
  return hn::GetLane(hn::MaxOfLanes(d, largest));
}

/// Gives padded keys a score whose exponential is zero.
HWY_INLINE void MaskPadding(size_t tokens, size_t padded, float* scores) {
  for (size_t r = 0; r < kRows; ++r)
    std::fill(scores + r * padded + tokens, scores + (r + 1) * padded, -1e30f);
}

/// Copies up to kRows rows side by side; missing ones are zero.
HWY_INLINE void Gather(const AttentionShape& shape, const float* from, size_t first, size_t count,
                       float* rows) {
  for (size_t r = 0; r < kRows; ++r)
    for (size_t e = 0; e < shape.head_size; ++e)
      rows[r * shape.head_size + e] = r < count ? from[(first + r) * shape.stride + e] : 0.0f;
}

HWY_INLINE void Scatter(const AttentionShape& shape, const float* rows, size_t first, size_t count,
                        float* to) {
  for (size_t r = 0; r < count; ++r)
    std::copy_n(rows + r * shape.head_size, shape.head_size, to + (first + r) * shape.stride);
}

size_t ScratchSize(const AttentionShape& shape) {
  return (4 * shape.head_size + 2 * kRows) * Padded(shape.tokens) + 4 * kRows * shape.head_size;
}

void Forward(const AttentionShape& shape, const float* q, const float* k, const float* v,
             float* out, float* log_sums, float* scratch) {
  const size_t padded = Padded(shape.tokens), size = shape.head_size;
  float *keys = scratch, *values = keys + size * padded, *scores = values + size * padded;
  float *queries = scores + kRows * padded, *mixed = queries + kRows * size;
  const float scale = 1 / std::sqrt(static_cast<float>(size));
  Transpose(shape, k, padded, keys);
  Transpose(shape, v, padded, values);
  for (size_t first = 0; first < shape.tokens; first += kRows) {
    const size_t count = std::min(kRows, shape.tokens - first);
    Gather(shape, q, first, count, queries);
    RowsTimesKeys(shape, queries, keys, padded, scale, scores);
    MaskPadding(shape.tokens, padded, scores);
    float sums[kRows];
    for (size_t r = 0; r < kRows; ++r) {
      const float largest = Largest(padded, scores + r * padded);
      sums[r] = Exponentials(padded, largest, scores + r * padded);
      if (r < count) log_sums[first + r] = largest + std::log(sums[r]);
    }
    WeightedSums(shape, scores, values, padded, mixed);
    for (size_t i = 0; i < kRows * size; ++i) mixed[i] /= sums[i / size];
    Scatter(shape, mixed, first, count, out);
  }
}

void Backward(const AttentionShape& shape, const float* q, const float* k, const float* v,
              const float* out, const float* log_sums, const float* grad_out, float* grad_q,
              float* grad_k, float* grad_v, float* scratch) {
  const Floats d;
  const size_t padded = Padded(shape.tokens), size = shape.head_size;
  float *keys = scratch, *values = keys + size * padded;
  float *grad_keys = values + size * padded, *grad_values = grad_keys + size * padded;
  float *chances = grad_values + size * padded, *grad_scores = chances + kRows * padded;
  float *queries = grad_scores + kRows * padded, *grads = queries + kRows * size,
        *sums = grads + kRows * size;
  const float scale = 1 / std::sqrt(static_cast<float>(size));
  Transpose(shape, k, padded, keys);
  Transpose(shape, v, padded, values);
  std::fill(grad_keys, grad_keys + 2 * size * padded, 0.0f);
  for (size_t first = 0; first < shape.tokens; first += kRows) {
    const size_t count = std::min(kRows, shape.tokens - first);
    Gather(shape, q, first, count, queries);
    Gather(shape, grad_out, first, count, grads);
    RowsTimesKeys(shape, queries, keys, padded, scale, chances);
    MaskPadding(shape.tokens, padded, chances);
    RowsTimesKeys(shape, grads, values, padded, 1.0f, grad_scores);
    for (size_t r = 0; r < kRows; ++r) {
      float* p = chances + r * padded;
      // A missing row's gradient is zero and so is all that comes of it; its probabilities must
      // only be finite.
      Exponentials(padded, r < count ? log_sums[first + r] : 0.0f, p);
      float mean = 0;  // of the gradient over the row: sum of grad_out * out
      for (size_t e = 0; r < count && e < size; ++e)
        mean += grads[r * size + e] * out[(first + r) * shape.stride + e];
      for (size_t key = 0; key < padded; key += hn::Lanes(d)) {
        const V apart = hn::Sub(hn::LoadU(d, grad_scores + r * padded + key), Constant(mean));
        const V grad = hn::Mul(hn::Mul(hn::LoadU(d, p + key), apart), Constant(scale));
        hn::StoreU(grad, d, grad_scores + r * padded + key);
      }
    }
    AddOuter(shape, chances, grads, padded, grad_values);
    AddOuter(shape, grad_scores, queries, padded, grad_keys);
    WeightedSums(shape, grad_scores, keys, padded, sums);
    Scatter(shape, sums, first, count, grad_q);
  }
  TransposeBack(shape, grad_keys, padded, grad_k);
  TransposeBack(shape, grad_values, padded, grad_v);
}

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(ScratchSize);
HWY_EXPORT(Forward);
HWY_EXPORT(Backward);

size_t attention_scratch_size(const AttentionShape& shape) {
  return HWY_DYNAMIC_DISPATCH(ScratchSize)(shape);
}

void attention_forward(const AttentionShape& shape, const float* q, const float* k, const float* v,
                       float* out, float* log_sums, float* scratch) {
  HWY_DYNAMIC_DISPATCH(Forward)(shape, q, k, v, out, log_sums, scratch);
}

void attention_backward(const AttentionShape& shape, const float* q, const float* k, const float* v,
                        const float* out, const float* log_sums, const float* grad_out,
                        float* grad_q, float* grad_k, float* grad_v, float* scratch) {
  HWY_DYNAMIC_DISPATCH(Backward)
  (shape, q, k, v, out, log_sums, grad_out, grad_q, grad_k, grad_v, scratch);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
