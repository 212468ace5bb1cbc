#include "mezzotint/kernels/tap_conv.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/tap_conv.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/pack-inl.h"
#include "mezzotint/kernels/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

size_t PanelWidth() { return kPanelVectors * hn::Lanes(Floats()); }

/// Pixels that are gathered at a time for a product, and floats of each: some 200 KB.
constexpr size_t kPixels = 48;
constexpr size_t kDepth = 1152;

/// Pixels that are gathered at a time for a sum over pixels.
constexpr size_t kSummedPixels = 128;

/// Taps that are gathered at a time.
size_t TapsAtOnce(const TapConv& conv) {
  return std::clamp<size_t>(kDepth / conv.channels, 1, conv.taps);
}

/// A pixel of the grid, and its picture in the batch.
struct GridPixel {
  size_t image, row, column;
  GridPixel(const TapConv& conv, size_t index)
      : image(index / conv.grid_pixels()),
        row(index % conv.grid_pixels() / conv.grid_width),
        column(index % conv.grid_width) {}
  HWY_INLINE void advance(const TapConv& conv) {
    if (++column < conv.grid_width) return;
    column = 0;
    if (++row < conv.grid_height) return;
    row = 0;
    ++image;
  }
};

/// Copies `used` floats for each of `pixels` pixels, and fills the rest of `width` with zeros.
HWY_INLINE void CopyPixels(const float* HWY_RESTRICT from, size_t from_step, size_t pixels,
                           size_t used, size_t width, float* HWY_RESTRICT to, size_t to_step) {
  const Floats d;
  const size_t lanes = hn::Lanes(d), whole = used / lanes * lanes;
  for (; pixels > 0; --pixels, from += from_step, to += to_step) {
    for (size_t c = 0; c < whole; c += lanes) hn::StoreU(hn::LoadU(d, from + c), d, to + c);
    if (whole == width) continue;
    std::copy(from + whole, from + used, to + whole);
    std::fill(to + used, to + width, 0.0f);
  }
}

HWY_INLINE void ZeroPixels(size_t pixels, size_t width, float* to, size_t to_step) {
  for (; pixels > 0; --pixels, to += to_step) std::fill(to, to + width, 0.0f);
}

/// Of `count` pixels of a grid's row, the first whose tap is within the picture and the first
/// behind it whose tap isn't. column: of the first pixel.
struct InsideRange {
  size_t first, last;
  InsideRange(const TapConv& conv, size_t column, size_t count, const TapConv::Tap& tap) {
    const auto step = static_cast<std::ptrdiff_t>(conv.step),
               start = step * static_cast<std::ptrdiff_t>(column) + tap.column,
               width = static_cast<std::ptrdiff_t>(conv.width),
               most = static_cast<std::ptrdiff_t>(count);
    const std::ptrdiff_t begin = start < 0 ? (step - 1 - start) / step : 0,
                         end = start < width ? (width - start + step - 1) / step : 0;
    first = static_cast<size_t>(std::min(begin, most));
    last = static_cast<size_t>(std::clamp(end, std::min(begin, most), most));
  }
};

/// to [pixels][step]: the channels [channel, channel + used) under a tap, and zeros up to `width`.
HWY_INLINE void Gather(const TapConv& conv, const float* x, const TapConv::Tap& tap, size_t first,
                       size_t last, size_t channel, size_t used, size_t width, float* to,
                       size_t step) {
  while (first < last) {
    const GridPixel at(conv, first);
    const size_t count = std::min(last - first, conv.grid_width - at.column);
    const size_t row = conv.step * at.row + static_cast<size_t>(tap.row);  // huge above the picture
    const InsideRange inside(conv, at.column, row < conv.height ? count : 0, tap);
    ZeroPixels(inside.first, width, to, step);
    if (inside.first < inside.last) {
      const size_t column =
          conv.step * (at.column + inside.first) + static_cast<size_t>(tap.column);
      CopyPixels(
          x + ((at.image * conv.height + row) * conv.width + column) * conv.channels + channel,
          conv.step * conv.channels, inside.last - inside.first, used, width,
          to + inside.first * step, step);
    }
    ZeroPixels(count - inside.last, width, to + inside.last * step, step);
    to += count * step;
    first += count;
  }
}

/// products [pixels][Padded(out_channels)] -> their place in y.
HWY_INLINE void Scatter(const TapConv& conv, const float* products, const float* bias, size_t first,
                        size_t last, float* y) {
  const Floats d;
  const size_t lanes = hn::Lanes(d), out = conv.out_channels, padded = Padded(out);
  GridPixel at(conv, first);
  for (size_t pixel = first; pixel < last; ++pixel, at.advance(conv), products += padded) {
    const size_t row = conv.out_step * at.row + conv.out_row,
                 column = conv.out_step * at.column + conv.out_column;
    float* to = y + ((at.image * conv.out_height + row) * conv.out_width + column) * out;
    for (size_t k = 0; k < out; k += lanes) {
      const size_t n = std::min(lanes, out - k);
      V value = hn::LoadU(d, products + k);
      if (bias) value = hn::Add(value, LoadPart(bias + k, n));
      StorePart(value, to + k, n);
    }
  }
}

/// products (+)= gathered [pixels][taps * channels] times the taps' rows of B.
template <bool kAdd>
HWY_INLINE void Multiply(const TapConv& conv, const float* gathered, size_t pixels,
                         size_t first_tap, size_t taps, const float* packed, float* products) {
  const size_t padded = Padded(conv.out_channels), depth = taps * conv.channels;
  for (size_t k = 0; k < padded; k += PanelWidth()) {
    const size_t width = std::min(PanelWidth(), padded - k);
    MultiplyPanel<kAdd>(
        pixels, width / hn::Lanes(Floats()),
        Product<Lying::kRows>{gathered, depth,
                              packed + k * conv.depth() + first_tap * conv.channels * width, width,
                              depth, products + k, padded});
  }
}

void Convolve(const TapConv& conv, const float* x, const float* packed, const float* bias,
              size_t first, size_t last, float* scratch, float* y) {
  const size_t at_once = TapsAtOnce(conv);
  float* products = scratch;
  float* gathered = products + kPixels * Padded(conv.out_channels);
  for (size_t begin = first; begin < last; begin += kPixels) {
    const size_t end = std::min(last, begin + kPixels);
    for (size_t t = 0; t < conv.taps; t += at_once) {
      const size_t taps = std::min(at_once, conv.taps - t), depth = taps * conv.channels;
      for (size_t i = 0; i < taps; ++i)
        Gather(conv, x, conv.tap[t + i], begin, end, 0, conv.channels, conv.channels,
               gathered + i * conv.channels, depth);
      if (t == 0)
        Multiply<false>(conv, gathered, end - begin, t, taps, packed, products);
      else
        Multiply<true>(conv, gathered, end - begin, t, taps, packed, products);
    }
    Scatter(conv, products, bias, begin, end, y);
  }
}

size_t ScratchSize(const TapConv& conv) {
  return kPixels * (Padded(conv.out_channels) + TapsAtOnce(conv) * conv.channels);
}

void RowSums(const TapConv& conv, const float* x, const float* grad_y, size_t grad_step,
             size_t rows, size_t first, size_t last, float* scratch, float* sums) {
  const size_t padded = Padded(conv.channels), step = conv.taps * padded;
  for (size_t begin = first; begin < last; begin += kSummedPixels) {
    const size_t end = std::min(last, begin + kSummedPixels);
    for (size_t t = 0; t < conv.taps; ++t)
      for (size_t c = 0; c < conv.channels; c += PanelWidth()) {
        const size_t used = std::min(PanelWidth(), conv.channels - c), width = Padded(used);
        Gather(conv, x, conv.tap[t], begin, end, c, used, width, scratch, width);
        MultiplyPanel<true>(
            rows, width / hn::Lanes(Floats()),
            Product<Lying::kColumns>{grad_y + begin * grad_step, grad_step, scratch, width,
                                     end - begin, sums + t * padded + c, step});
      }
  }
}

size_t SumsScratchSize(const TapConv&) { return kSummedPixels * PanelWidth(); }
size_t SumsStep(const TapConv& conv) { return Padded(conv.channels); }

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(ScratchSize);
HWY_EXPORT(SumsScratchSize);
HWY_EXPORT(Convolve);
HWY_EXPORT(RowSums);
HWY_EXPORT(SumsStep);

size_t tap_conv_scratch_size(const TapConv& conv) {
  return HWY_DYNAMIC_DISPATCH(ScratchSize)(conv);
}

size_t tap_conv_sums_scratch_size(const TapConv& conv) {
  return HWY_DYNAMIC_DISPATCH(SumsScratchSize)(conv);
}

void tap_conv(const TapConv& conv, const float* x, const float* packed, const float* bias,
              size_t first, size_t last, float* scratch, float* y) {
  HWY_DYNAMIC_DISPATCH(Convolve)(conv, x, packed, bias, first, last, scratch, y);
}

size_t tap_conv_sums_step(const TapConv& conv) { return HWY_DYNAMIC_DISPATCH(SumsStep)(conv); }

void tap_conv_row_sums(const TapConv& conv, const float* x, const float* grad_y, size_t grad_step,
                       size_t rows, size_t first, size_t last, float* scratch, float* sums) {
  HWY_DYNAMIC_DISPATCH(RowSums)(conv, x, grad_y, grad_step, rows, first, last, scratch, sums);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
