#include "mezzotint/kernels/tap_weights.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/tap_weights.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/pack-inl.h"
#include "mezzotint/kernels/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

/// Calls body(first column, columns, padded columns, the panel's memory) for panels of B.
template <class Body>
HWY_INLINE void ForPanels(const MatmulShape& shape, size_t first, size_t last, float* packed,
                          const Body& body) {
  const size_t panel = kPanelVectors * hn::Lanes(Floats());
  for (size_t p = first; p < last; ++p) {
    const size_t start = p * panel, used = std::min(panel, shape.columns - start);
    body(start, used, Padded(used), packed + start * shape.depth);
  }
}

/// Input channels that are turned at a time.
constexpr size_t kChannels = 16;

void Pack(const TapWeights& w, const float* weight, size_t first, size_t last, float* packed) {
  HWY_ALIGN float turned[kChannels * 9 * kPanelVectors * hn::MaxLanes(Floats())];
  ForPanels(tap_weights_shape(w), first, last, packed,
            [&](size_t start, size_t used, size_t width, float* to) {
              for (size_t c = 0; c < w.in; c += kChannels) {
                const size_t channels = std::min(kChannels, w.in - c);
                PackTurned(weight + (start * w.in + c) * w.taps, w.in * w.taps, used,
                           channels * w.taps, turned, width);
                for (size_t i = 0; i < w.chosen_count; ++i)
                  for (size_t j = 0; j < channels; ++j)
                    std::copy_n(turned + (j * w.taps + w.chosen[i]) * width, width,
                                to + (i * w.in + c + j) * width);
              }
            });
}

void PackGrad(const TapWeights& w, const float* weight, size_t first, size_t last, float* packed) {
  ForPanels(tap_weights_grad_shape(w), first, last, packed,
            [&](size_t start, size_t used, size_t width, float* to) {
              for (size_t k = 0; k < w.out; ++k) {
                const float* HWY_RESTRICT from = weight + (k * w.in + start) * w.taps;
                for (size_t i = 0; i < w.chosen_count; ++i) {
                  float* HWY_RESTRICT row = to + (i * w.out + k) * width;
                  for (size_t c = 0; c < used; ++c) row[c] = from[c * w.taps + w.chosen[i]];
                  std::fill(row + used, row + width, 0.0f);
                }
              }
            });
}

void WeightGrad(const TapWeights& w, const float* HWY_RESTRICT sums, size_t step, size_t parts,
                size_t first, size_t last, float* HWY_RESTRICT grad_weight) {
  for (size_t k = first; k < last; ++k)
    for (size_t t = 0; t < w.taps; ++t) {
      const float* from = sums + (k * w.taps + t) * step;
      float* to = grad_weight + k * w.in * w.taps + t;
      for (size_t c = 0; c < w.in; ++c) {
        float sum = from[c];
        for (size_t part = 1; part < parts; ++part) sum += from[part * w.out * w.taps * step + c];
        to[c * w.taps] = sum;
      }
    }
}

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(Pack);
HWY_EXPORT(PackGrad);
HWY_EXPORT(WeightGrad);

void tap_weights_pack(const TapWeights& weights, const float* weight, size_t first, size_t last,
                      float* packed) {
  HWY_DYNAMIC_DISPATCH(Pack)(weights, weight, first, last, packed);
}

void tap_weights_pack_grad(const TapWeights& weights, const float* weight, size_t first,
                           size_t last, float* packed) {
  HWY_DYNAMIC_DISPATCH(PackGrad)(weights, weight, first, last, packed);
}

void tap_weights_grad(const TapWeights& weights, const float* sums, size_t step, size_t parts,
                      size_t first, size_t last, float* grad_weight) {
  HWY_DYNAMIC_DISPATCH(WeightGrad)(weights, sums, step, parts, first, last, grad_weight);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
