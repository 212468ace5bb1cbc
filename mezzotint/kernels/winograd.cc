#include "mezzotint/kernels/winograd.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/winograd.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/products-inl.h"
#include "mezzotint/kernels/winograd_points-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

size_t PanelWidth() { return kPanelVectors * hn::Lanes(Floats()); }

/// Input channels whose taps are turned into vectors at a time, and vectors of a panel's channels.
constexpr size_t kFilterRows = 16;
constexpr size_t kMaxPanel = kPanelVectors * hn::MaxLanes(Floats());
using TapVectors = float[kFilterRows][9][kMaxPanel];

/// taps[i][t][j] = tap t of (input channel c + i, output channel k + j). A vector of output
/// channels at a time: their weights lie far apart, and so many lines find room in the first cache.
HWY_INLINE void GatherTaps(const WinogradShape& shape, const float* HWY_RESTRICT weight,
                           bool turned, size_t c, size_t rows, size_t k, size_t columns,
                           TapVectors& taps) {
  const size_t lanes = hn::Lanes(Floats()), step = turned ? 9 : shape.in_channels * 9;
  for (size_t j = 0; j < columns; j += lanes)
    for (size_t i = 0; i < rows; ++i)
      for (size_t t = 0; t < 9; ++t) {
        const float* from = turned ? weight + ((c + i) * shape.out_channels + k + j) * 9 + 8 - t
                                   : weight + ((k + j) * shape.in_channels + c + i) * 9 + t;
        float* to = taps[i][t] + j;
        if (j + lanes <= columns)
          for (size_t lane = 0; lane < lanes; ++lane) to[lane] = from[lane * step];
        else
          for (size_t lane = 0; lane < columns - j; ++lane) to[lane] = from[lane * step];
      }
}

/// Transforms the taps of the input channels [c, c + rows) and of a panel of `width` output
/// channels that begins with `start`; point p of (c + i, start + k) goes to filter + p * step + i *
/// width + k.
template <size_t kTile>
HWY_INLINE void FilterPanel(const WinogradShape& shape, const float* weight, bool turned, size_t c,
                            size_t rows, size_t start, size_t width, float* HWY_RESTRICT filter,
                            size_t step) {
  constexpr size_t kPatch = Tiling<kTile>::kPatch;
  const Floats d;
  HWY_ALIGN TapVectors taps = {};
  const size_t columns = std::min(width, shape.out_channels - start);
  for (size_t begin = 0; begin < rows; begin += kFilterRows) {
    const size_t count = std::min(kFilterRows, rows - begin);
    GatherTaps(shape, weight, turned, c + begin, count, start, columns, taps);
    for (size_t i = 0; i < count; ++i)
      for (size_t k = 0; k < width; k += hn::Lanes(d)) {
        float* to = filter + (begin + i) * width + k;
        Transform2D<3, kPatch>(
            FilterPoints<kTile>(),
            [&](size_t y, size_t x) { return hn::LoadU(d, taps[i][3 * y + x] + k); },
            [&](size_t y, size_t x, V value) {
              hn::StoreU(value, d, to + (y * kPatch + x) * step);
            });
      }
  }
}

/// The filter is [point][panel of output channels][input channel][channel of the panel], so that
/// products read it from start to end; channels are padded to whole vectors.
template <size_t kTile>
void Filter(const WinogradShape& shape, const float* weight, bool turned, size_t first, size_t last,
            float* filter) {
  const size_t in = shape.in_channels, padded = Padded(shape.out_channels), panel = PanelWidth();
  for (size_t start = first * panel; start < std::min(last * panel, padded); start += panel)
    FilterPanel<kTile>(shape, weight, turned, 0, in, start, std::min(panel, padded - start),
                       filter + start * in, in * padded);
}

/// One vector of output channels on its way from sums to memory.
struct OutputVector {
  float* y;
  const float* addend;
  size_t channels, k, used;  ///< of the output; first of the vector; lanes in use
  V bias;

  HWY_INLINE OutputVector(const ConvOutput& output, size_t image, size_t channels, size_t k)
      : y(output.y),
        addend(output.addend),
        channels(channels),
        k(k),
        used(std::min(hn::Lanes(Floats()), channels - k)),
        bias(output.bias ? LoadPart(output.bias + k, used) : hn::Zero(Floats())) {
    if (output.image_bias)
      bias = hn::Add(bias, LoadPart(output.image_bias + image * channels + k, used));
  }

  HWY_INLINE void Store(V value, size_t pixel) const {
    const size_t at = pixel * channels + k;
    value = hn::Add(value, bias);
    if (addend) value = hn::Add(value, LoadPart(addend + at, used));
    StorePart(value, y + at, used);
  }

  /// Of a tile within the picture, sample (i, j) at pixel + i * width + j. Asks for the samples of
  /// the tile that comes next, `ahead` pixels on: no hardware foresees so many lines far apart.
  template <bool kAddend, bool kStreamed, size_t kTile, class Load>
  HWY_INLINE void StoreTile(const Load& load, size_t pixel, size_t width, size_t ahead) const {
    // Values, as what is reached by a pointer would be read again after every store.
    float* to = y + pixel * channels + k;
    const float* add = kAddend ? addend + pixel * channels + k : nullptr;
    const size_t row = width * channels, step = channels, next = ahead * channels;
    const V offset = bias;
    Transform2D<kTile + 2, kTile>(OutputSamples<kTile>(), load, [=](size_t i, size_t j, V value) {
      const Floats d;
      const size_t at = i * row + j * step;
      value = hn::Add(value, offset);
      if constexpr (kAddend) {
        value = hn::Add(value, hn::LoadU(d, add + at));
        hwy::Prefetch(add + at + next);
      }
      if constexpr (kStreamed) {
        hn::Stream(value, d, to + at);
      } else {
        hn::StoreU(value, d, to + at);
        hwy::Prefetch(to + at + next);
      }
    });
  }
};

/// Whether `output` can go past the caches: only whole lines do.
HWY_INLINE bool CanStream(const ConvOutput& output, size_t channels) {
  constexpr size_t kLine = 64;
  return output.streamed && hn::Lanes(Floats()) * sizeof(float) == kLine &&
         channels * sizeof(float) % kLine == 0 &&
         reinterpret_cast<uintptr_t>(output.y) % kLine == 0;
}

/// The samples of a tile, added in squares of two by two.
template <size_t kTile>
HWY_INLINE void StoreHalved(const WinogradShape& shape, const OutputVector& vector, size_t image,
                            size_t row, size_t column, const V (&o)[kTile][kTile]) {
  const size_t height = shape.height / 2, width = shape.width / 2;
  for (size_t i = 0; i < kTile / 2 && row / 2 + i < height; ++i)
    for (size_t j = 0; j < kTile / 2 && column / 2 + j < width; ++j)
      vector.Store(hn::Add(hn::Add(o[2 * i][2 * j], o[2 * i][2 * j + 1]),
                           hn::Add(o[2 * i + 1][2 * j], o[2 * i + 1][2 * j + 1])),
                   (image * height + row / 2 + i) * width + column / 2 + j);
}

/// Sums of all points of some output channels: (point, tile, channel) at point * point_floats +
/// tile * row_floats + channel.
struct Sums {
  const float* data;
  size_t point_floats, row_floats;
  size_t k, channels;  ///< the first output channel, how many
};

/// `first` is the sums' first tile.
template <size_t kTile>
void SumsToOutput(const WinogradShape& shape, const Sums& sums, size_t first, size_t last,
                  const ConvOutput& output) {
  constexpr size_t kPatch = Tiling<kTile>::kPatch;
  const size_t lanes = hn::Lanes(Floats()), width = shape.width, point = sums.point_floats;
  const bool streamed = CanStream(output, shape.out_channels);
  ForRuns<kTile>(shape, first, last, [&](const TileRun& run) {
    const auto row_of = [&](size_t tile) { return kTile * (run.row + run.row_of(tile)); };
    const auto column_of = [&](size_t tile) { return kTile * (run.column + run.column_of(tile)); };
    const auto pixel_of = [&](size_t tile) {
      return (run.image * shape.height + row_of(tile)) * width + column_of(tile);
    };
    for (size_t tile = run.first; tile < run.last; ++tile) {
      const size_t row = row_of(tile), column = column_of(tile), pixel = pixel_of(tile),
                   ahead = tile + 1 < run.last ? pixel_of(tile + 1) - pixel : 0;
      const bool whole = row + kTile <= shape.height && column + kTile <= width;
      for (size_t k = 0; k < sums.channels; k += lanes) {
        const OutputVector vector(output, run.image, shape.out_channels, sums.k + k);
        const float* from = sums.data + (tile - first) * sums.row_floats + k;
        const auto load = [=](size_t i, size_t j) {
          return hn::LoadU(Floats(), from + (i * kPatch + j) * point);
        };
        if (output.halved) {
          V o[kTile][kTile];
          Transform2D<kPatch, kTile>(OutputSamples<kTile>(), load,
                                     [&](size_t i, size_t j, V value) { o[i][j] = value; });
          StoreHalved<kTile>(shape, vector, run.image, row, column, o);
        } else if (!whole || vector.used != lanes) {
          Transform2D<kPatch, kTile>(OutputSamples<kTile>(), load,
                                     [&](size_t i, size_t j, V value) {
                                       if (row + i < shape.height && column + j < width)
                                         vector.Store(value, pixel + i * width + j);
                                     });
        } else if (streamed) {
          if (output.addend)
            vector.StoreTile<true, true, kTile>(load, pixel, width, ahead);
          else
            vector.StoreTile<false, true, kTile>(load, pixel, width, ahead);
        } else {
          if (output.addend)
            vector.StoreTile<true, false, kTile>(load, pixel, width, ahead);
          else
            vector.StoreTile<false, false, kTile>(load, pixel, width, ahead);
        }
      }
    }
  });
  if (streamed) hwy::FlushStream();
}

template <size_t kTile>
void Forward(const WinogradShape& shape, const ConvInput& input, const float* filter, size_t first,
             size_t last, float* scratch, const ConvOutput& output) {
  constexpr size_t kPoints = Tiling<kTile>::kPoints, kBlock = Tiling<kTile>::kBlock;
  const size_t lanes = hn::Lanes(Floats()), panel = PanelWidth();
  const size_t in = shape.in_channels, out = shape.out_channels, in_row = PointRow(in),
               out_row = PointRow(out), padded = Padded(out);
  // A point's sums take the place of the point before it: so most of it stays in the second cache.
  const size_t place = kBlock * std::max(in_row, out_row);
  float* to = scratch + kStagedFloats<kTile>;
  float* from = to + place;
  for (size_t begin = first; begin < last; begin += kBlock) {
    const size_t end = std::min(last, begin + kBlock);
    InputToPoints<kTile>(shape, input, begin, end, scratch, from, place);
    for (size_t p = 0; p < kPoints; ++p)
      for (size_t k = 0; k < padded; k += panel) {
        const size_t width = std::min(panel, padded - k);
        const Product<Lying::kRows> product = {
            from + p * place,   in_row, filter + p * in * padded + k * in, width, in,
            to + p * place + k, out_row};
        MultiplyPanel<false>(end - begin, width / lanes, product);
      }
    SumsToOutput<kTile>(shape, {to, place, out_row, 0, out}, begin, end, output);
  }
}

template <size_t kTile>
void Points(const WinogradShape& shape, const ConvInput& input, size_t tiles, size_t first,
            size_t last, float* scratch, float* points) {
  constexpr size_t kBlock = Tiling<kTile>::kBlock;
  for (size_t begin = first; begin < last; begin += kBlock)
    InputToPoints<kTile>(shape, input, begin, std::min(last, begin + kBlock), scratch,
                         points + begin * PointRow(shape.in_channels),
                         tiles * PointRow(shape.in_channels));
}

/// Input channels whose part of the filter is made at a time.
constexpr size_t kPanelRows = 32;

template <size_t kTile>
void ForwardPanel(const WinogradShape& shape, const float* points, size_t tiles,
                  const float* weight, bool turned, size_t number, float* scratch,
                  const ConvOutput& output) {
  constexpr size_t kPoints = Tiling<kTile>::kPoints;
  const size_t in = shape.in_channels, in_row = PointRow(in), start = number * PanelWidth(),
               channels = std::min(PanelWidth(), shape.out_channels - start),
               width = Padded(channels), vectors = width / hn::Lanes(Floats());
  // An odd number of lines from point to point, lest all of them fall into the same sets of the
  // first cache.
  const size_t step = kPanelRows * width + hn::MaxLanes(Floats());
  float* filter = scratch;
  float* sums = filter + kPoints * step;
  for (size_t c = 0; c < in; c += kPanelRows) {
    const size_t rows = std::min(kPanelRows, in - c);
    FilterPanel<kTile>(shape, weight, turned, c, rows, start, width, filter, step);
    for (size_t p = 0; p < kPoints; ++p) {
      const Product<Lying::kRows> product = {
          points + p * tiles * in_row + c, in_row, filter + p * step, width, rows,
          sums + p * tiles * width,        width};
      if (c == 0)
        MultiplyPanel<false>(tiles, vectors, product);
      else
        MultiplyPanel<true>(tiles, vectors, product);
    }
  }
  SumsToOutput<kTile>(shape, {sums, tiles * width, width, start, channels}, 0, tiles, output);
}

template <size_t kTile>
struct Sizes {
  using T = Tiling<kTile>;
  static size_t Filter(const WinogradShape& shape) {
    return T::kPoints * shape.in_channels * Padded(shape.out_channels);
  }
  static size_t Points(const WinogradShape& shape, size_t tiles) {
    return T::kPoints * tiles * PointRow(shape.in_channels);
  }
  static size_t PanelScratch(size_t tiles) {
    return T::kPoints * ((kPanelRows + tiles) * PanelWidth() + hn::MaxLanes(Floats()));
  }
  static size_t Scratch(const WinogradShape& shape) {
    return kStagedFloats<kTile> +
           (T::kPoints + 1) * T::kBlock *
               std::max(PointRow(shape.in_channels), PointRow(shape.out_channels));
  }
};

// The functions of winograd.h, for either size of tile.

size_t Block(const WinogradShape& shape) {
  return shape.tile == 4 ? Tiling<4>::kBlock : Tiling<6>::kBlock;
}

size_t FilterSize(const WinogradShape& shape) {
  return shape.tile == 4 ? Sizes<4>::Filter(shape) : Sizes<6>::Filter(shape);
}

size_t ScratchSize(const WinogradShape& shape) {
  return shape.tile == 4 ? Sizes<4>::Scratch(shape) : Sizes<6>::Scratch(shape);
}

size_t PointsSize(const WinogradShape& shape, size_t tiles) {
  return shape.tile == 4 ? Sizes<4>::Points(shape, tiles) : Sizes<6>::Points(shape, tiles);
}

size_t PanelScratchSize(const WinogradShape& shape, size_t tiles) {
  return shape.tile == 4 ? Sizes<4>::PanelScratch(tiles) : Sizes<6>::PanelScratch(tiles);
}

void AnyFilter(const WinogradShape& shape, const float* weight, bool turned, size_t first,
               size_t last, float* filter) {
  (shape.tile == 4 ? Filter<4> : Filter<6>)(shape, weight, turned, first, last, filter);
}

void AnyForward(const WinogradShape& shape, const ConvInput& input, const float* filter,
                size_t first, size_t last, float* scratch, const ConvOutput& output) {
  (shape.tile == 4 ? Forward<4> : Forward<6>)(shape, input, filter, first, last, scratch, output);
}

void AnyPoints(const WinogradShape& shape, const ConvInput& input, size_t tiles, size_t first,
               size_t last, float* scratch, float* points) {
  (shape.tile == 4 ? Points<4> : Points<6>)(shape, input, tiles, first, last, scratch, points);
}

void AnyForwardPanel(const WinogradShape& shape, const float* points, size_t tiles,
                     const float* weight, bool turned, size_t number, float* scratch,
                     const ConvOutput& output) {
  (shape.tile == 4 ? ForwardPanel<4> : ForwardPanel<6>)(shape, points, tiles, weight, turned,
                                                        number, scratch, output);
}

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(PanelWidth);
HWY_EXPORT(Block);
HWY_EXPORT(FilterSize);
HWY_EXPORT(ScratchSize);
HWY_EXPORT(PointsSize);
HWY_EXPORT(PanelScratchSize);
HWY_EXPORT(AnyFilter);
HWY_EXPORT(AnyForward);
HWY_EXPORT(AnyPoints);
HWY_EXPORT(AnyForwardPanel);

size_t winograd_block(const WinogradShape& shape) { return HWY_DYNAMIC_DISPATCH(Block)(shape); }

size_t winograd_filter_size(const WinogradShape& shape) {
  return HWY_DYNAMIC_DISPATCH(FilterSize)(shape);
}

size_t winograd_scratch_size(const WinogradShape& shape) {
  return HWY_DYNAMIC_DISPATCH(ScratchSize)(shape);
}

size_t winograd_panels(const WinogradShape& shape) {
  const size_t width = HWY_DYNAMIC_DISPATCH(PanelWidth)();
  return (shape.out_channels + width - 1) / width;
}

void winograd_filter(const WinogradShape& shape, const float* weight, bool turned, size_t first,
                     size_t last, float* filter) {
  HWY_DYNAMIC_DISPATCH(AnyFilter)(shape, weight, turned, first, last, filter);
}

void winograd_forward(const WinogradShape& shape, const ConvInput& input, const float* filter,
                      size_t first, size_t last, float* scratch, const ConvOutput& output) {
  HWY_DYNAMIC_DISPATCH(AnyForward)(shape, input, filter, first, last, scratch, output);
}

size_t winograd_points_size(const WinogradShape& shape, size_t tiles) {
  return HWY_DYNAMIC_DISPATCH(PointsSize)(shape, tiles);
}

size_t winograd_panel_scratch_size(const WinogradShape& shape, size_t tiles) {
  return HWY_DYNAMIC_DISPATCH(PanelScratchSize)(shape, tiles);
}

void winograd_points(const WinogradShape& shape, const ConvInput& input, size_t tiles, size_t first,
                     size_t last, float* scratch, float* points) {
  HWY_DYNAMIC_DISPATCH(AnyPoints)(shape, input, tiles, first, last, scratch, points);
}

void winograd_forward_panel(const WinogradShape& shape, const float* points, size_t tiles,
                            const float* weight, bool turned, size_t panel, float* scratch,
                            const ConvOutput& output) {
  HWY_DYNAMIC_DISPATCH(AnyForwardPanel)
  (shape, points, tiles, weight, turned, panel, scratch, output);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
