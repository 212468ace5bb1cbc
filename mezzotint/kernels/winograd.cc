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

size_t PaddedChannels(size_t channels) { return Padded(channels); }
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
HWY_INLINE void FilterPanel(const WinogradShape& shape, const float* weight, bool turned, size_t c,
                            size_t rows, size_t start, size_t width, float* HWY_RESTRICT filter,
                            size_t step) {
  const Floats d;
  HWY_ALIGN TapVectors taps = {};
  const size_t columns = std::min(width, shape.out_channels - start);
  for (size_t begin = 0; begin < rows; begin += kFilterRows) {
    const size_t count = std::min(kFilterRows, rows - begin);
    GatherTaps(shape, weight, turned, c + begin, count, start, columns, taps);
    for (size_t i = 0; i < count; ++i)
      for (size_t k = 0; k < width; k += hn::Lanes(d)) {
        V g[3][3], points[6][6];
        for (size_t t = 0; t < 9; ++t) g[t / 3][t % 3] = hn::LoadU(d, taps[i][t] + k);
        Transform2D(FilterPoints(), g, points);
        for (size_t p = 0; p < kPoints; ++p)
          hn::StoreU(points[p / 6][p % 6], d, filter + p * step + (begin + i) * width + k);
      }
  }
}

/// The filter is [point][panel of output channels][input channel][channel of the panel], so that
/// products read it from start to end; channels are padded to whole vectors.
void Filter(const WinogradShape& shape, const float* weight, bool turned, size_t first, size_t last,
            float* filter) {
  const size_t in = shape.in_channels, padded = Padded(shape.out_channels), panel = PanelWidth();
  for (size_t start = first * panel; start < std::min(last * panel, padded); start += panel)
    FilterPanel(shape, weight, turned, 0, in, start, std::min(panel, padded - start),
                filter + start * in, in * padded);
}

/// One vector of output channels on its way from sums to memory.
struct OutputVector {
  const ConvOutput& output;
  size_t channels, k, used;  ///< of the output; first of the vector; lanes in use
  V bias;

  HWY_INLINE OutputVector(const ConvOutput& output, size_t image, size_t channels, size_t k)
      : output(output),
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
    if (output.addend) value = hn::Add(value, LoadPart(output.addend + at, used));
    StorePart(value, output.y + at, used);
  }
};

/// The four by four samples of a tile, or its two by two sums of four.
HWY_INLINE void StoreTile(const WinogradShape& shape, const OutputVector& vector, size_t image,
                          size_t row, size_t column, const V (&o)[4][4]) {
  if (vector.output.halved) {
    const size_t height = shape.height / 2, width = shape.width / 2;
    for (size_t i = 0; i < 2 && row / 2 + i < height; ++i)
      for (size_t j = 0; j < 2 && column / 2 + j < width; ++j)
        vector.Store(hn::Add(hn::Add(o[2 * i][2 * j], o[2 * i][2 * j + 1]),
                             hn::Add(o[2 * i + 1][2 * j], o[2 * i + 1][2 * j + 1])),
                     (image * height + row / 2 + i) * width + column / 2 + j);
    return;
  }
  for (size_t i = 0; i < 4 && row + i < shape.height; ++i)
    for (size_t j = 0; j < 4 && column + j < shape.width; ++j)
      vector.Store(o[i][j], (image * shape.height + row + i) * shape.width + column + j);
}

/// Sums of all points of some output channels: [36][tile][row_floats].
struct Sums {
  const float* data;
  size_t tiles, row_floats;
  size_t k, channels;  ///< the first output channel, how many
};

/// `first` is the sums' first tile.
void SumsToOutput(const WinogradShape& shape, const Sums& sums, size_t first, size_t last,
                  const ConvOutput& output) {
  const size_t lanes = hn::Lanes(Floats());
  ForRuns(shape, first, last, [&](const TileRun& run) {
    for (size_t tile = run.first; tile < run.last; ++tile) {
      const size_t row = 4 * (run.row + run.row_of(tile)),
                   column = 4 * (run.column + run.column_of(tile));
      const float* from = sums.data + (tile - first) * sums.row_floats;
      for (size_t k = 0; k < sums.channels; k += lanes) {
        V m[6][6], o[4][4];
        for (size_t p = 0; p < kPoints; ++p)
          m[p / 6][p % 6] = hn::LoadU(Floats(), from + p * sums.tiles * sums.row_floats + k);
        Transform2D(OutputSamples(), m, o);
        const OutputVector vector(output, run.image, shape.out_channels, sums.k + k);
        StoreTile(shape, vector, run.image, row, column, o);
      }
    }
  });
}

void Forward(const WinogradShape& shape, const ConvInput& input, const float* filter, size_t first,
             size_t last, float* scratch, const ConvOutput& output) {
  const size_t lanes = hn::Lanes(Floats()), panel = PanelWidth();
  const size_t in = shape.in_channels, out = shape.out_channels, in_row = PointRow(in),
               out_row = PointRow(out), padded = Padded(out);
  float* from = scratch + kStagedFloats;
  float* to = from + kPoints * kWinogradBlock * in_row;
  for (size_t begin = first; begin < last; begin += kWinogradBlock) {
    const size_t end = std::min(last, begin + kWinogradBlock);
    InputToPoints(shape, input, begin, end, scratch, from, kWinogradBlock);
    for (size_t p = 0; p < kPoints; ++p)
      for (size_t k = 0; k < padded; k += panel) {
        const size_t width = std::min(panel, padded - k);
        const Product<Lying::kRows> product = {from + p * kWinogradBlock * in_row,
                                               in_row,
                                               filter + p * in * padded + k * in,
                                               width,
                                               in,
                                               to + p * kWinogradBlock * out_row + k,
                                               out_row};
        MultiplyPanel<false>(end - begin, width / lanes, product);
      }
    SumsToOutput(shape, {to, kWinogradBlock, out_row, 0, out}, begin, end, output);
  }
}

void Points(const WinogradShape& shape, const ConvInput& input, size_t tiles, size_t first,
            size_t last, float* scratch, float* points) {
  for (size_t begin = first; begin < last; begin += kWinogradBlock)
    InputToPoints(shape, input, begin, std::min(last, begin + kWinogradBlock), scratch,
                  points + begin * PointRow(shape.in_channels), tiles);
}

/// Input channels whose part of the filter is made at a time.
constexpr size_t kPanelRows = 32;

void ForwardPanel(const WinogradShape& shape, const float* points, size_t tiles,
                  const float* weight, bool turned, size_t number, float* scratch,
                  const ConvOutput& output) {
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
    FilterPanel(shape, weight, turned, c, rows, start, width, filter, step);
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
  SumsToOutput(shape, {sums, tiles, width, start, channels}, 0, tiles, output);
}

size_t PointsSize(const WinogradShape& shape, size_t tiles) {
  return kPoints * tiles * PointRow(shape.in_channels);
}

size_t PanelScratchSize(size_t tiles) {
  return kPoints * ((kPanelRows + tiles) * PanelWidth() + hn::MaxLanes(Floats()));
}

size_t ScratchSize(const WinogradShape& shape) {
  return kStagedFloats +
         kPoints * kWinogradBlock * (PointRow(shape.in_channels) + PointRow(shape.out_channels));
}

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(PaddedChannels);
HWY_EXPORT(PanelWidth);
HWY_EXPORT(Filter);
HWY_EXPORT(Forward);
HWY_EXPORT(ScratchSize);
HWY_EXPORT(Points);
HWY_EXPORT(ForwardPanel);
HWY_EXPORT(PointsSize);
HWY_EXPORT(PanelScratchSize);

size_t winograd_filter_size(const WinogradShape& shape) {
  return 36 * shape.in_channels * HWY_DYNAMIC_DISPATCH(PaddedChannels)(shape.out_channels);
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
  HWY_DYNAMIC_DISPATCH(Filter)(shape, weight, turned, first, last, filter);
}

void winograd_forward(const WinogradShape& shape, const ConvInput& input, const float* filter,
                      size_t first, size_t last, float* scratch, const ConvOutput& output) {
  HWY_DYNAMIC_DISPATCH(Forward)(shape, input, filter, first, last, scratch, output);
}

size_t winograd_points_size(const WinogradShape& shape, size_t tiles) {
  return HWY_DYNAMIC_DISPATCH(PointsSize)(shape, tiles);
}

size_t winograd_panel_scratch_size(size_t tiles) {
  return HWY_DYNAMIC_DISPATCH(PanelScratchSize)(tiles);
}

void winograd_points(const WinogradShape& shape, const ConvInput& input, size_t tiles, size_t first,
                     size_t last, float* scratch, float* points) {
  HWY_DYNAMIC_DISPATCH(Points)(shape, input, tiles, first, last, scratch, points);
}

void winograd_forward_panel(const WinogradShape& shape, const float* points, size_t tiles,
                            const float* weight, bool turned, size_t panel, float* scratch,
                            const ConvOutput& output) {
  HWY_DYNAMIC_DISPATCH(ForwardPanel)
  (shape, points, tiles, weight, turned, panel, scratch, output);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
