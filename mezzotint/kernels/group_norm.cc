#include "mezzotint/kernels/group_norm.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/group_norm.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

/// Single-precision sums run over this many pixels before they join the double-precision ones, and
/// that many pixels are read for one vector of channels before the next: they stay in the cache.
constexpr size_t kRun = 64;

/// Calls body(c, n) for each vector of channels; n of its lanes are in use.
template <class Body>
HWY_INLINE void ForChannels(size_t channels, const Body& body) {
  const size_t lanes = hn::Lanes(Floats());
  for (size_t c = 0; c < channels; c += lanes) body(c, std::min(lanes, channels - c));
}

/// Calls body(begin, end, c, n) for each run of pixels and vector of channels.
template <class Body>
HWY_INLINE void ForRunsAndChannels(const PixelRange& range, const Body& body) {
  for (size_t begin = 0; begin < range.pixels; begin += kRun)
    ForChannels(range.channels, [&](size_t c, size_t n) {
      body(begin, std::min(begin + kRun, range.pixels), c, n);
    });
}

/// Adds the first `n` lanes to the double-precision sums at `to`.
HWY_INLINE void AddLanes(V value, double* to, size_t n) {
  HWY_ALIGN float lanes[hn::MaxLanes(Floats())];
  hn::Store(value, Floats(), lanes);
  for (size_t i = 0; i < n; ++i) to[i] += lanes[i];
}

/// Two sums over pixels, each kept in two halves so that one addition needn't wait for another.
struct TwoSums {
  V a[2], b[2];

  HWY_INLINE TwoSums() { a[0] = a[1] = b[0] = b[1] = hn::Zero(Floats()); }
  HWY_INLINE void Add(size_t p, V one, V other, V factor) {
    a[p % 2] = hn::Add(a[p % 2], one);
    b[p % 2] = hn::MulAdd(other, factor, b[p % 2]);
  }
  HWY_INLINE void Join(double* to_a, double* to_b, size_t n) const {
    AddLanes(hn::Add(a[0], a[1]), to_a, n);
    AddLanes(hn::Add(b[0], b[1]), to_b, n);
  }
};

void ChannelSums(const PixelRange& range, const float* HWY_RESTRICT x, const float* origin,
                 double* sums, double* squares) {
  ForRunsAndChannels(range, [&](size_t begin, size_t end, size_t c, size_t n) {
    const V from = LoadPart(origin + c, n);
    TwoSums run;
    for (size_t p = begin; p < end; ++p) {
      const V apart = hn::Sub(LoadPart(x + p * range.channels + c, n), from);
      run.Add(p, apart, apart, apart);
    }
    run.Join(sums + c, squares + c, n);
  });
}

void ScaleShift(const PixelRange& range, const float* HWY_RESTRICT x, const float* scale,
                const float* shift, bool silu, float* HWY_RESTRICT y, size_t y_step) {
  for (size_t p = 0; p < range.pixels; ++p)
    ForChannels(range.channels, [&](size_t c, size_t n) {
      const V z = hn::MulAdd(LoadPart(x + p * range.channels + c, n), LoadPart(scale + c, n),
                             LoadPart(shift + c, n));
      StorePart(silu ? Silu(z) : z, y + p * y_step + c, n);
    });
}

void ScaleShiftBackward(const PixelRange& range, const float* HWY_RESTRICT x, const float* scale,
                        const float* shift, const float* origin, bool silu, const float* grad_y,
                        float* grad_z, size_t grad_step, double* sums, double* products) {
  ForRunsAndChannels(range, [&](size_t begin, size_t end, size_t c, size_t n) {
    const V a = LoadPart(scale + c, n), b = LoadPart(shift + c, n), from = LoadPart(origin + c, n);
    TwoSums run;
    for (size_t p = begin; p < end; ++p) {
      const V v = LoadPart(x + p * range.channels + c, n);
      V g = LoadPart(grad_y + p * grad_step + c, n);
      if (silu) g = hn::Mul(g, SiluSlope(hn::MulAdd(v, a, b)));
      StorePart(g, grad_z + p * grad_step + c, n);
      run.Add(p, g, g, hn::Sub(v, from));
    }
    run.Join(sums + c, products + c, n);
  });
}

void GroupNormGrad(const PixelRange& range, const float* HWY_RESTRICT x, const float* grad_z,
                   size_t grad_step, const float* scale, const float* slope, const float* offset,
                   const float* addend, float* grad_x) {
  for (size_t p = 0; p < range.pixels; ++p)
    ForChannels(range.channels, [&](size_t c, size_t n) {
      const size_t at = p * range.channels + c;
      V rest = hn::MulAdd(LoadPart(slope + c, n), LoadPart(x + at, n), LoadPart(offset + c, n));
      if (addend) rest = hn::Add(rest, LoadPart(addend + at, n));
      StorePart(hn::MulAdd(LoadPart(scale + c, n), LoadPart(grad_z + p * grad_step + c, n), rest),
                grad_x + at, n);
    });
}

void ColumnSums(const PixelRange& range, const float* HWY_RESTRICT x, size_t x_step, double* sums) {
  ForRunsAndChannels(range, [&](size_t begin, size_t end, size_t c, size_t n) {
    V sum[2] = {hn::Zero(Floats()), hn::Zero(Floats())};
    for (size_t p = begin; p < end; ++p)
      sum[p % 2] = hn::Add(sum[p % 2], LoadPart(x + p * x_step + c, n));
    AddLanes(hn::Add(sum[0], sum[1]), sums + c, n);
  });
}

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(ChannelSums);
HWY_EXPORT(ScaleShift);
HWY_EXPORT(ScaleShiftBackward);
HWY_EXPORT(GroupNormGrad);
HWY_EXPORT(ColumnSums);

void channel_sums(const PixelRange& range, const float* x, const float* origin, double* sums,
                  double* squares) {
  HWY_DYNAMIC_DISPATCH(ChannelSums)(range, x, origin, sums, squares);
}

void scale_shift(const PixelRange& range, const float* x, const float* scale, const float* shift,
                 bool silu, float* y, size_t y_step) {
  HWY_DYNAMIC_DISPATCH(ScaleShift)(range, x, scale, shift, silu, y, y_step);
}

void scale_shift_backward(const PixelRange& range, const float* x, const float* scale,
                          const float* shift, const float* origin, bool silu, const float* grad_y,
                          float* grad_z, size_t grad_step, double* sums, double* products) {
  HWY_DYNAMIC_DISPATCH(ScaleShiftBackward)
  (range, x, scale, shift, origin, silu, grad_y, grad_z, grad_step, sums, products);
}

void group_norm_grad(const PixelRange& range, const float* x, const float* grad_z, size_t grad_step,
                     const float* scale, const float* slope, const float* offset,
                     const float* addend, float* grad_x) {
  HWY_DYNAMIC_DISPATCH(GroupNormGrad)
  (range, x, grad_z, grad_step, scale, slope, offset, addend, grad_x);
}

void column_sums(const PixelRange& range, const float* x, size_t x_step, double* sums) {
  HWY_DYNAMIC_DISPATCH(ColumnSums)(range, x, x_step, sums);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
