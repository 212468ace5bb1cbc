// Vectors of floats and their loads and stores at the ragged end of a row. Compiled once for each
// instruction set, so the guard toggles (Highway's way for -inl.h files).
#if defined(MEZZOTINT_KERNELS_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_LANES_INL_H_
#undef MEZZOTINT_KERNELS_LANES_INL_H_
#else
#define MEZZOTINT_KERNELS_LANES_INL_H_
#endif

#include <cstdint>
#include <cstring>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using V = hn::Vec<Floats>;

/// Floats of a line of the cache.
constexpr size_t kLine = 64 / sizeof(float);

HWY_INLINE V Constant(float value) { return hn::Set(Floats(), value); }

/// A number of floats, rounded up to whole vectors.
HWY_INLINE size_t Padded(size_t count) { return hwy::RoundUpTo(count, hn::Lanes(Floats())); }

// AVX2 and AVX-512 have masks that leave the memory of other lanes alone.
#if HWY_TARGET <= HWY_AVX2
HWY_INLINE V LoadFirst(const float* from, size_t n) {
  const Floats d;
  return hn::MaskedLoad(hn::FirstN(d, n), d, from);
}
HWY_INLINE void StoreFirst(V value, float* to, size_t n) {
  const Floats d;
  hn::BlendedStore(value, hn::FirstN(d, n), d, to);
}
#else
HWY_INLINE V LoadFirst(const float* from, size_t n) {
  HWY_ALIGN float lanes[hn::MaxLanes(Floats())] = {};
  std::memcpy(lanes, from, n * sizeof(float));
  return hn::Load(Floats(), lanes);
}
HWY_INLINE void StoreFirst(V value, float* to, size_t n) {
  HWY_ALIGN float lanes[hn::MaxLanes(Floats())];
  hn::Store(value, Floats(), lanes);
  std::memcpy(to, lanes, n * sizeof(float));
}
#endif

/// The first `n` floats at `from`, zeros behind them; never reads further.
HWY_INLINE V LoadPart(const float* from, size_t n) {
  return HWY_LIKELY(n == hn::Lanes(Floats())) ? hn::LoadU(Floats(), from) : LoadFirst(from, n);
}

/// Stores the first `n` lanes and nothing behind them.
HWY_INLINE void StorePart(V value, float* to, size_t n) {
  if (HWY_LIKELY(n == hn::Lanes(Floats()))) return hn::StoreU(value, Floats(), to);
  StoreFirst(value, to, n);
}

/// Whether vectors of rows `step` floats apart are whole lines of the cache, as what goes past it
/// has to be.
HWY_INLINE bool InWholeLines(const float* from, size_t step) {
  return hn::Lanes(Floats()) == kLine && step % kLine == 0 &&
         reinterpret_cast<uintptr_t>(from) % (kLine * sizeof(float)) == 0;
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
