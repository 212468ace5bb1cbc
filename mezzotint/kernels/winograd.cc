#include "mezzotint/kernels/winograd.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/winograd.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/pack-inl.h"
#include "mezzotint/kernels/products-inl.h"
#include "mezzotint/kernels/winograd_output-inl.h"
#include "mezzotint/kernels/winograd_points-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

size_t PanelWidth() { return kPanelVectors * hn::Lanes(Floats()); }

/// Input channels whose taps are turned into vectors at a time: the rows of the weight are then
/// read in pieces long enough for the hardware to foresee.
constexpr size_t kFilterRows = 32;
using TapVectors = float[kFilterRows][9][hn::MaxLanes(Floats())];

/// The taps of input channels [c, c + rows) and output channels [k, k + columns): tap t of channel
/// c + i at taps[i][t], or at taps[i][8 - t] of a turned weight.
HWY_INLINE void GatherTaps(const WinogradShape& shape, const float* weight, bool turned, size_t c,
                           size_t rows, size_t k, size_t columns, TapVectors& taps) {
  constexpr size_t kStep = hn::MaxLanes(Floats());
  if (turned)
    for (size_t i = 0; i < rows; ++i)
      Turn(weight + ((c + i) * shape.out_channels + k) * 9, 9, columns, 9, taps[i][0], kStep);
  else
    Turn(weight + (k * shape.in_channels + c) * 9, shape.in_channels * 9, columns, rows * 9,
         taps[0][0], kStep);
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
  const size_t lanes = hn::Lanes(d);
  const bool doubled = shape.doubled;
  HWY_ALIGN TapVectors taps = {};
  for (size_t begin = 0; begin < rows; begin += kFilterRows)
    for (size_t k = 0; k < width; k += lanes) {
      const size_t count = std::min(kFilterRows, rows - begin),
                   columns = std::min(lanes, shape.out_channels - start - k);
      GatherTaps(shape, weight, turned, c + begin, count, start + k, columns, taps);
      for (size_t i = 0; i < count; ++i) {
        float* to = filter + (begin + i) * width + k;
        Transform2D<3, kPatch>(
            FilterPoints<kTile>(),
            [&](size_t y, size_t x) {
              const size_t t = 3 * y + x;
              return hn::LoadU(d, taps[i][turned ? 8 - t : t]);
            },
            [&](size_t y, size_t x, V value) {
              const size_t p = y * kPatch + x;
              if (!doubled || !IsMinusOne<kTile>(p)) hn::StoreU(value, d, to + p * step);
            });
      }
    }
}

/// The filter is [point][panel of output channels][input channel][channel of the panel], so that
/// products read it from start to end; channels are padded to whole vectors.
template <size_t kTile>
void Filter(const WinogradShape& shape, const float* weight, bool turned, size_t first, size_t last,
            float* filter) {
  const size_t in = shape.in_channels, padded = Padded(shape.out_channels), panel = PanelWidth(),
               step = PointStep(in, padded);
  for (size_t start = first * panel; start < std::min(last * panel, padded); start += panel)
    FilterPanel<kTile>(shape, weight, turned, 0, in, start, std::min(panel, padded - start),
                       filter + start * in, step);
}

/// InputToPoints for more tiles than it takes.
template <size_t kTile>
void BlocksToPoints(const WinogradShape& shape, const ConvInput& input, size_t first, size_t last,
                    float* scratch, float* points, size_t step) {
  constexpr size_t kBlock = Tiling<kTile>::kBlock;
  const size_t row = PointRow(shape.in_channels);
  for (size_t begin = first; begin < last; begin += kBlock)
    InputToPoints<kTile>(shape, input, begin, std::min(last, begin + kBlock), scratch,
                         points + (begin - first) * row, step);
}

template <size_t kTile>
void Forward(const WinogradShape& shape, const ConvInput& input, const float* filter, size_t block,
             size_t first, size_t last, float* scratch, const ConvOutput& output) {
  constexpr size_t kPoints = Tiling<kTile>::kPoints;
  const size_t lanes = hn::Lanes(Floats()), panel = PanelWidth();
  const size_t in = shape.in_channels, out = shape.out_channels, in_row = PointRow(in),
               out_row = PointRow(out), padded = Padded(out), filter_step = PointStep(in, padded);
  // A point's sums take the place of the point before it: so most of it stays in the second cache.
  const size_t place = PointStep(block, std::max(in_row, out_row));
  float* to = scratch + kStagedFloats<kTile>;
  float* from = to + place;
  for (size_t begin = first; begin < last; begin += block) {
    const size_t end = std::min(last, begin + block);
    BlocksToPoints<kTile>(shape, input, begin, end, scratch, from, place);
    for (size_t p = 0; p < kPoints; ++p) {
      if (shape.doubled && IsMinusOne<kTile>(p)) {
        std::fill_n(to + p * place, (end - begin) * out_row, 0.0f);
        continue;
      }
      for (size_t k = 0; k < padded; k += panel) {
        const size_t width = std::min(panel, padded - k);
        const Product<Lying::kRows> product = {
            from + p * place,   in_row, filter + p * filter_step + k * in, width, in,
            to + p * place + k, out_row};
        MultiplyPanel<false>(end - begin, width / lanes, product);
      }
    }
    SumsToOutput<kTile>(shape, {to, place, out_row, 0, out}, begin, end, output);
  }
}

template <size_t kTile>
void Points(const WinogradShape& shape, const ConvInput& input, size_t tiles, size_t first,
            size_t last, float* scratch, float* points) {
  const size_t row = PointRow(shape.in_channels), step = PointStep(tiles, row);
  BlocksToPoints<kTile>(shape, input, first, last, scratch, points + first * row, step);
}

/// Input channels whose part of the filter is made at a time: many where sums are many, which are
/// fetched for each part, and the part still fits the second cache; else few, which stay closer.
template <size_t kTile>
size_t PanelRows(size_t tiles) {
  return kTile == 4 && tiles > 32 ? 64 : 32;
}

/// Asks for the taps that FilterPanel reads, into the second cache, a part of `parts` at a time.
HWY_INLINE void PrefetchTaps(const WinogradShape& shape, const float* weight, bool turned, size_t c,
                             size_t rows, size_t start, size_t channels, size_t part,
                             size_t parts) {
  const size_t outer = turned ? rows : channels, inner = 9 * (turned ? channels : rows),
               step = 9 * (turned ? shape.out_channels : shape.in_channels);
  const float* from = weight + (turned ? c * step + 9 * start : start * step + 9 * c);
  for (size_t i = outer * part / parts; i < outer * (part + 1) / parts; ++i)
    for (size_t j = 0; j < inner; j += kLine) __builtin_prefetch(from + i * step + j, 0, 2);
}

template <size_t kTile>
void ForwardPanel(const WinogradShape& shape, const float* points, size_t tiles,
                  const float* weight, bool turned, size_t number, float* scratch,
                  const ConvOutput& output) {
  constexpr size_t kPoints = Tiling<kTile>::kPoints;
  const size_t in = shape.in_channels, in_row = PointRow(in), start = number * PanelWidth(),
               channels = std::min(PanelWidth(), shape.out_channels - start),
               width = Padded(channels), vectors = width / hn::Lanes(Floats()),
               panel_rows = PanelRows<kTile>(tiles);
  const size_t point_step = PointStep(tiles, in_row), filter_step = PointStep(panel_rows, width),
               sums_step = PointStep(tiles, width);
  float* filter = scratch;
  float* sums = filter + kPoints * filter_step;
  for (size_t c = 0; c < in; c += panel_rows) {
    const size_t rows = std::min(panel_rows, in - c);
    FilterPanel<kTile>(shape, weight, turned, c, rows, start, width, filter, filter_step);
    for (size_t p = 0; p < kPoints; ++p) {
      const size_t next = c + rows;
      PrefetchTaps(shape, weight, turned, next, std::min(panel_rows, in - next), start, channels, p,
                   kPoints);
      if (shape.doubled && IsMinusOne<kTile>(p)) {
        if (c == 0) std::fill_n(sums + p * sums_step, tiles * width, 0.0f);
        continue;
      }
      const Product<Lying::kRows> product = {
          points + p * point_step + c, in_row, filter + p * filter_step, width, rows,
          sums + p * sums_step,        width};
      MultiplyPanel(c > 0, tiles, vectors, product);
    }
  }
  SumsToOutput<kTile>(shape, {sums, sums_step, width, start, channels}, 0, tiles, output);
}

/// Calls body(tile, its pixels within the picture) for all tiles of a picture.
template <size_t kTile, class Body>
HWY_INLINE void ForTilePixels(const WinogradShape& shape, const Body& body) {
  ForRuns<kTile>(shape, 0, shape.tiles_per_image(), [&](const TileRun& run) {
    for (size_t tile = run.first; tile < run.last; ++tile) {
      const TilePlace place = PlaceOf<kTile>(shape, run, tile);
      body(tile, place.rows * place.columns);
    }
  });
}

template <size_t kTile>
void ChannelMoments(const WinogradShape& shape, const float* moments, double* means,
                    double* spreads) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> half;
  const size_t lanes = hn::Lanes(d), row = Padded(shape.out_channels);
  const auto pixels = hn::Set(d, static_cast<double>(shape.height * shape.width));
  HWY_ALIGN double of_lanes[2][hn::MaxLanes(d)];
  for (size_t k = 0; k < shape.out_channels; k += lanes) {
    const auto load = [&](size_t i) { return hn::PromoteTo(d, hn::LoadU(half, moments + i + k)); };
    auto sum = hn::Zero(d);
    ForTilePixels<kTile>(shape, [&](size_t tile, size_t count) {
      sum = hn::MulAdd(load(2 * tile * row), hn::Set(d, static_cast<double>(count)), sum);
    });
    const auto mean = hn::Div(sum, pixels);
    auto spread = hn::Zero(d);
    ForTilePixels<kTile>(shape, [&](size_t tile, size_t count) {
      const auto apart = hn::Sub(load(2 * tile * row), mean);
      const auto between = hn::Mul(hn::Mul(apart, apart), hn::Set(d, static_cast<double>(count)));
      spread = hn::Add(spread, hn::Add(load((2 * tile + 1) * row), between));
    });
    hn::Store(mean, d, of_lanes[0]);
    hn::Store(spread, d, of_lanes[1]);
    const size_t used = std::min(lanes, shape.out_channels - k);
    std::copy_n(of_lanes[0], used, means + k);
    std::copy_n(of_lanes[1], used, spreads + k);
  }
}

template <size_t kTile>
struct Sizes {
  using T = Tiling<kTile>;
  static size_t Block(const WinogradShape& shape) {
    // Floats of a filter that the last cache keeps from one block to the next.
    constexpr size_t kFilterKept = 9 << 18, kMany = 40, kMost = 80;
    const size_t filter = Filter(shape);
    return filter <= kFilterKept ? T::kBlock : filter <= 2 * kFilterKept ? kMany : kMost;
  }
  static size_t Filter(const WinogradShape& shape) {
    return T::kPoints * PointStep(shape.in_channels, Padded(shape.out_channels));
  }
  static size_t Points(const WinogradShape& shape, size_t tiles) {
    return T::kPoints * PointStep(tiles, PointRow(shape.in_channels));
  }
  static size_t PanelScratch(size_t tiles) {
    return T::kPoints *
           (PointStep(PanelRows<kTile>(tiles), PanelWidth()) + PointStep(tiles, PanelWidth()));
  }
  static size_t ForwardScratch(const WinogradShape& shape, size_t block) {
    return kStagedFloats<kTile> +
           (T::kPoints + 1) * PointStep(block, std::max(PointRow(shape.in_channels),
                                                        PointRow(shape.out_channels)));
  }
};

// The functions of winograd.h, for either size of tile.

size_t Block(const WinogradShape& shape) {
  return shape.tile == 4 ? Sizes<4>::Block(shape) : Sizes<6>::Block(shape);
}

size_t FilterSize(const WinogradShape& shape) {
  return shape.tile == 4 ? Sizes<4>::Filter(shape) : Sizes<6>::Filter(shape);
}

size_t ScratchSize(const WinogradShape& shape) {
  return shape.tile == 4 ? kStagedFloats<4> : kStagedFloats<6>;
}

size_t ForwardScratchSize(const WinogradShape& shape, size_t block) {
  return shape.tile == 4 ? Sizes<4>::ForwardScratch(shape, block)
                         : Sizes<6>::ForwardScratch(shape, block);
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
                size_t block, size_t first, size_t last, float* scratch, const ConvOutput& output) {
  (shape.tile == 4 ? Forward<4> : Forward<6>)(shape, input, filter, block, first, last, scratch,
                                              output);
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

size_t MomentsRow(const WinogradShape& shape) { return Padded(shape.out_channels); }

void AnyChannelMoments(const WinogradShape& shape, const float* moments, double* means,
                       double* spreads) {
  (shape.tile == 4 ? ChannelMoments<4> : ChannelMoments<6>)(shape, moments, means, spreads);
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
HWY_EXPORT(ForwardScratchSize);
HWY_EXPORT(PointsSize);
HWY_EXPORT(PanelScratchSize);
HWY_EXPORT(AnyFilter);
HWY_EXPORT(AnyForward);
HWY_EXPORT(AnyPoints);
HWY_EXPORT(AnyForwardPanel);
HWY_EXPORT(MomentsRow);
HWY_EXPORT(AnyChannelMoments);

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

size_t winograd_forward_scratch_size(const WinogradShape& shape, size_t block) {
  return HWY_DYNAMIC_DISPATCH(ForwardScratchSize)(shape, block);
}

void winograd_forward(const WinogradShape& shape, const ConvInput& input, const float* filter,
                      size_t block, size_t first, size_t last, float* scratch,
                      const ConvOutput& output) {
  HWY_DYNAMIC_DISPATCH(AnyForward)
  (shape, input, filter, block, first, last, scratch, output);
}

size_t winograd_moments_row(const WinogradShape& shape) {
  return HWY_DYNAMIC_DISPATCH(MomentsRow)(shape);
}

size_t winograd_moments_size(const WinogradShape& shape, size_t tiles) {
  return 2 * tiles * winograd_moments_row(shape);
}

void winograd_channel_moments(const WinogradShape& shape, const float* moments, double* means,
                              double* spreads) {
  HWY_DYNAMIC_DISPATCH(AnyChannelMoments)(shape, moments, means, spreads);
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
