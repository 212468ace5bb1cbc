#include "mezzotint/kernels/winograd.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/winograd.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/winograd_transforms-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

// Points are kept as [36][tile of the block][channel], channels padded to whole vectors. The
// products of a point take panels of output channels as wide as the registers allow: 6 tiles x 4
// vectors with 32 registers, 6 x 2 with 16.
constexpr size_t kPoints = 36;
constexpr bool kManyRegisters = HWY_TARGET <= HWY_AVX3;
constexpr size_t kPanelVectors = kManyRegisters ? 4 : 2;

size_t PaddedChannels(size_t channels) { return Padded(channels); }

/// Where the transformed filter holds (point 0, channel c, output channel k): panel by panel, so
/// that products read it from start to end.
HWY_INLINE size_t FilterPlace(size_t in_channels, size_t padded_out, size_t c, size_t k) {
  const size_t panel = kPanelVectors * hn::Lanes(Floats()), start = k / panel * panel;
  return start * in_channels + c * std::min(panel, padded_out - start) + (k - start);
}

void Filter(const WinogradShape& shape, const float* HWY_RESTRICT taps,
            float* HWY_RESTRICT filter) {
  const size_t in = shape.in_channels, out = shape.out_channels, padded = Padded(out),
               lanes = hn::Lanes(Floats());
  for (size_t c = 0; c < in; ++c)
    for (size_t k = 0; k < out; k += lanes) {
      V g[3][3], points[6][6];
      for (size_t i = 0; i < 9; ++i)
        g[i / 3][i % 3] = LoadPart(taps + (i * in + c) * out + k, std::min(lanes, out - k));
      Transform2D(FilterPoints(), g, points);
      float* to = filter + FilterPlace(in, padded, c, k);
      for (size_t p = 0; p < kPoints; ++p)
        hn::StoreU(points[p / 6][p % 6], Floats(), to + p * in * padded);
    }
}

/// The upper left corner of an output tile.
struct Corner {
  size_t image, y, x;
};

HWY_INLINE Corner CornerOf(const WinogradShape& shape, size_t tile) {
  const size_t across = (shape.width + 3) / 4, in_image = tile % shape.tiles_per_image();
  return {tile / shape.tiles_per_image(), in_image / across * 4, in_image % across * 4};
}

/// The six by six input pixels under a tile, its border of one included; null outside of the
/// picture.
HWY_INLINE void InputPixels(const WinogradShape& shape, const float* x, const Corner& at,
                            const float* (&pixels)[6][6]) {
  for (size_t i = 0; i < 6; ++i)
    for (size_t j = 0; j < 6; ++j) {
      const size_t row = at.y + i - 1,
                   column = at.x + j - 1;  // wraps to a huge number left of and above the picture
      const bool inside = row < shape.height && column < shape.width;
      pixels[i][j] =
          inside ? x + ((at.image * shape.height + row) * shape.width + column) * shape.in_channels
                 : nullptr;
    }
}

void InputToPoints(const WinogradShape& shape, const float* x, size_t first, size_t last,
                   float* HWY_RESTRICT points) {
  const size_t in = shape.in_channels, padded = Padded(in), lanes = hn::Lanes(Floats());
  for (size_t tile = first; tile < last; ++tile) {
    const float* pixels[6][6];
    InputPixels(shape, x, CornerOf(shape, tile), pixels);
    float* to = points + (tile - first) * padded;
    for (size_t c = 0; c < in; c += lanes) {
      const size_t n = std::min(lanes, in - c);
      V d[6][6], o[6][6];
      for (size_t i = 0; i < kPoints; ++i) {
        const float* pixel = pixels[i / 6][i % 6];
        d[i / 6][i % 6] = pixel ? LoadPart(pixel + c, n) : hn::Zero(Floats());
      }
      Transform2D(InputPoints(), d, o);
      for (size_t p = 0; p < kPoints; ++p)
        hn::StoreU(o[p / 6][p % 6], Floats(), to + p * kWinogradBlock * padded + c);
    }
  }
}

void GradToPoints(const WinogradShape& shape, const float* grad_y, size_t first, size_t last,
                  float* HWY_RESTRICT points) {
  const size_t out = shape.out_channels, padded = Padded(out), lanes = hn::Lanes(Floats());
  for (size_t tile = first; tile < last; ++tile) {
    const Corner at = CornerOf(shape, tile);
    const float* from = grad_y + ((at.image * shape.height + at.y) * shape.width + at.x) * out;
    float* to = points + (tile - first) * padded;
    for (size_t k = 0; k < out; k += lanes) {
      const size_t n = std::min(lanes, out - k);
      V g[4][4], o[6][6];
      for (size_t i = 0; i < 4; ++i)
        for (size_t j = 0; j < 4; ++j) {
          const bool inside = at.y + i < shape.height && at.x + j < shape.width;
          g[i][j] =
              inside ? LoadPart(from + (i * shape.width + j) * out + k, n) : hn::Zero(Floats());
        }
      Transform2D(GradPoints(), g, o);
      for (size_t p = 0; p < kPoints; ++p)
        hn::StoreU(o[p / 6][p % 6], Floats(), to + p * kWinogradBlock * padded + k);
    }
  }
}

void PointsToOutput(const WinogradShape& shape, const float* HWY_RESTRICT points, const float* bias,
                    size_t first, size_t last, float* HWY_RESTRICT y) {
  const size_t out = shape.out_channels, padded = Padded(out), lanes = hn::Lanes(Floats());
  for (size_t tile = first; tile < last; ++tile) {
    const Corner at = CornerOf(shape, tile);
    const size_t rows = std::min<size_t>(4, shape.height - at.y),
                 columns = std::min<size_t>(4, shape.width - at.x);
    const float* from = points + (tile - first) * padded;
    float* to = y + ((at.image * shape.height + at.y) * shape.width + at.x) * out;
    for (size_t k = 0; k < out; k += lanes) {
      const size_t n = std::min(lanes, out - k);
      const V b = bias ? LoadPart(bias + k, n) : hn::Zero(Floats());
      V m[6][6], o[4][4];
      for (size_t p = 0; p < kPoints; ++p)
        m[p / 6][p % 6] = hn::LoadU(Floats(), from + p * kWinogradBlock * padded + k);
      Transform2D(OutputSamples(), m, o);
      for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; ++j)
          StorePart(hn::Add(o[i][j], b), to + (i * shape.width + j) * out + k, n);
    }
  }
}

/// sums[r][j] = (kAdd ? sums[r][j] : 0) + sum over i < count of a[r * a_row + i * a_step] * b[i *
/// b_step + j]: an outer product for each i, held in kRows x kVectors registers.
template <bool kAdd, size_t kRows, size_t kVectors>
HWY_INLINE void RegisterBlock(const float* HWY_RESTRICT a, size_t a_row, size_t a_step,
                              const float* HWY_RESTRICT b, size_t b_step, size_t count,
                              float* HWY_RESTRICT sums, size_t sums_row) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  V acc[kRows][kVectors];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j)
      acc[r][j] = kAdd ? hn::LoadU(d, sums + r * sums_row + j * lanes) : hn::Zero(d);
  for (size_t i = 0; i < count; ++i) {
    V columns[kVectors];
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j) columns[j] = hn::LoadU(d, b + i * b_step + j * lanes);
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r) {
      const V row = hn::Set(d, a[r * a_row + i * a_step]);
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; ++j) acc[r][j] = hn::MulAdd(row, columns[j], acc[r][j]);
    }
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (size_t j = 0; j < kVectors; ++j) hn::StoreU(acc[r][j], d, sums + r * sums_row + j * lanes);
}

/// All rows of one panel, in blocks of registers.
template <bool kAdd, size_t kVectors>
HWY_INLINE void Panel(size_t rows, const float* a, size_t a_row, size_t a_step, const float* b,
                      size_t b_step, size_t count, float* sums, size_t sums_row) {
  constexpr size_t kRows = kManyRegisters && kVectors <= 2 ? 12 : 6;
  size_t r = 0;
  for (; r + kRows <= rows; r += kRows)
    RegisterBlock<kAdd, kRows, kVectors>(a + r * a_row, a_row, a_step, b, b_step, count,
                                         sums + r * sums_row, sums_row);
  for (; r + 4 <= rows; r += 4)
    RegisterBlock<kAdd, 4, kVectors>(a + r * a_row, a_row, a_step, b, b_step, count,
                                     sums + r * sums_row, sums_row);
  for (; r < rows; ++r)
    RegisterBlock<kAdd, 1, kVectors>(a + r * a_row, a_row, a_step, b, b_step, count,
                                     sums + r * sums_row, sums_row);
}

template <bool kAdd, class... Arguments>
HWY_INLINE void PanelOf(size_t vectors, Arguments... arguments) {
  switch (vectors) {
    case 1:
      return Panel<kAdd, 1>(arguments...);
    case 2:
      return Panel<kAdd, 2>(arguments...);
    case 3:
      return Panel<kAdd, 3>(arguments...);
    default:
      return Panel<kAdd, 4>(arguments...);
  }
}

void Forward(const WinogradShape& shape, const float* x, const float* filter, const float* bias,
             size_t first, size_t last, float* scratch, float* y) {
  const size_t lanes = hn::Lanes(Floats()), panel = kPanelVectors * lanes;
  const size_t in = shape.in_channels, in_padded = Padded(in),
               out_padded = Padded(shape.out_channels);
  float* from = scratch;
  float* to = scratch + kPoints * kWinogradBlock * in_padded;
  for (size_t begin = first; begin < last; begin += kWinogradBlock) {
    const size_t end = std::min(last, begin + kWinogradBlock);
    InputToPoints(shape, x, begin, end, from);
    for (size_t p = 0; p < kPoints; ++p)
      for (size_t k = 0; k < out_padded; k += panel) {
        const size_t width = std::min(panel, out_padded - k);
        PanelOf<false>(width / lanes, end - begin, from + p * kWinogradBlock * in_padded, in_padded,
                       size_t{1}, filter + p * in * out_padded + k * in, width, in,
                       to + p * kWinogradBlock * out_padded + k, out_padded);
      }
    PointsToOutput(shape, to, bias, begin, end, y);
  }
}

void WeightSums(const WinogradShape& shape, const float* x, const float* grad_y, size_t first,
                size_t last, float* scratch, float* sums) {
  const size_t lanes = hn::Lanes(Floats()), panel = kPanelVectors * lanes;
  const size_t in = shape.in_channels, in_padded = Padded(in),
               out_padded = Padded(shape.out_channels);
  float* inputs = scratch;
  float* grads = scratch + kPoints * kWinogradBlock * in_padded;
  for (size_t begin = first; begin < last; begin += kWinogradBlock) {
    const size_t end = std::min(last, begin + kWinogradBlock);
    InputToPoints(shape, x, begin, end, inputs);
    GradToPoints(shape, grad_y, begin, end, grads);
    for (size_t p = 0; p < kPoints; ++p)
      for (size_t k = 0; k < out_padded; k += panel)
        PanelOf<true>(std::min(panel, out_padded - k) / lanes, in,
                      inputs + p * kWinogradBlock * in_padded, size_t{1}, in_padded,
                      grads + p * kWinogradBlock * out_padded + k, out_padded, end - begin,
                      sums + p * in * out_padded + k, out_padded);
  }
}

void WeightGrad(const WinogradShape& shape, const float* HWY_RESTRICT sums,
                float* HWY_RESTRICT grad_taps) {
  const size_t in = shape.in_channels, out = shape.out_channels, padded = Padded(out),
               lanes = hn::Lanes(Floats());
  for (size_t c = 0; c < in; ++c)
    for (size_t k = 0; k < out; k += lanes) {
      V points[6][6], taps[3][3];
      for (size_t p = 0; p < kPoints; ++p)
        points[p / 6][p % 6] = hn::LoadU(Floats(), sums + (p * in + c) * padded + k);
      Transform2D(GradTaps(), points, taps);
      for (size_t i = 0; i < 9; ++i)
        StorePart(taps[i / 3][i % 3], grad_taps + (i * in + c) * out + k, std::min(lanes, out - k));
    }
}

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(PaddedChannels);
HWY_EXPORT(Filter);
HWY_EXPORT(Forward);
HWY_EXPORT(WeightSums);
HWY_EXPORT(WeightGrad);

static size_t padded(size_t channels) { return HWY_DYNAMIC_DISPATCH(PaddedChannels)(channels); }

size_t winograd_filter_size(const WinogradShape& shape) {
  return 36 * shape.in_channels * padded(shape.out_channels);
}

size_t winograd_scratch_size(const WinogradShape& shape) {
  return 36 * kWinogradBlock * (padded(shape.in_channels) + padded(shape.out_channels));
}

size_t winograd_sums_size(const WinogradShape& shape) { return winograd_filter_size(shape); }

void winograd_filter(const WinogradShape& shape, const float* taps, float* filter) {
  HWY_DYNAMIC_DISPATCH(Filter)(shape, taps, filter);
}

void winograd_forward(const WinogradShape& shape, const float* x, const float* filter,
                      const float* bias, size_t first, size_t last, float* scratch, float* y) {
  HWY_DYNAMIC_DISPATCH(Forward)(shape, x, filter, bias, first, last, scratch, y);
}

void winograd_weight_sums(const WinogradShape& shape, const float* x, const float* grad_y,
                          size_t first, size_t last, float* scratch, float* sums) {
  HWY_DYNAMIC_DISPATCH(WeightSums)(shape, x, grad_y, first, last, scratch, sums);
}

void winograd_weight_grad(const WinogradShape& shape, const float* sums, float* grad_taps) {
  HWY_DYNAMIC_DISPATCH(WeightGrad)(shape, sums, grad_taps);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
