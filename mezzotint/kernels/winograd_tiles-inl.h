// Which pixels a tile covers, and the input's pixels on their way to the transform. Compiled once
// for each instruction set, so the guard toggles (Highway's way for -inl.h files).
#if defined(MEZZOTINT_KERNELS_WINOGRAD_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_WINOGRAD_TILES_INL_H_
#undef MEZZOTINT_KERNELS_WINOGRAD_TILES_INL_H_
#else
#define MEZZOTINT_KERNELS_WINOGRAD_TILES_INL_H_
#endif

#include <algorithm>

#include <hwy/cache_control.h>

#include "mezzotint/kernels/exp-inl.h"
#include "mezzotint/kernels/winograd.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {

// A picture's tiles are numbered band by band of a few rows of tiles, and within a band column by
// column: a block of tiles with following numbers is a near-square, which overlaps its neighbours
// least.

/// What the size of a tile decides.
template <size_t kTile>
struct Tiling {
  static constexpr size_t kPatch = kTile + 2;  ///< input samples along a side
  static constexpr size_t kPoints = kPatch * kPatch;
  static constexpr size_t kBlock = kTile == 4 ? 24 : 18;
  static constexpr size_t kBandRows = kTile == 4 ? 4 : 3;

  /// Pixels that a block stages at most; its run may begin and end within a column.
  static constexpr size_t StagePixels() {
    size_t most = kPatch * (kTile * kBlock + 2);  // a band of one row
    for (size_t rows = 2; rows <= kBandRows; ++rows)
      most = std::max(most, (kTile * rows + 2) * (kTile * ((kBlock - 2) / rows + 2) + 2));
    return most;
  }
};

/// Whether point `p` is -1 in one direction or both, which a doubled picture doesn't need.
template <size_t kTile>
constexpr bool IsMinusOne(size_t p) {
  constexpr size_t kPatch = Tiling<kTile>::kPatch, kMinusOne = 2;
  return p / kPatch == kMinusOne || p % kPatch == kMinusOne;
}

/// Tiles that follow one another within a band of one picture. Rows and columns count tiles.
struct TileRun {
  size_t first, last;  ///< numbers of the tiles: [first, last)
  size_t image;
  size_t row, rows;        ///< of the band
  size_t column, columns;  ///< touched by the run, the first perhaps in part
  size_t skipped;          ///< tiles of its first column that aren't the run's

  /// Row and column of a tile, counted from the run's corner.
  size_t row_of(size_t tile) const { return (tile - first + skipped) % rows; }
  size_t column_of(size_t tile) const { return (tile - first + skipped) / rows; }
};

/// The run that starts at tile `first` and ends at `last` at the latest.
template <size_t kTile>
HWY_INLINE TileRun RunFrom(const WinogradShape& shape, size_t first, size_t last) {
  constexpr size_t kBandRows = Tiling<kTile>::kBandRows;
  const size_t across = hwy::DivCeil(shape.width, kTile), down = hwy::DivCeil(shape.height, kTile);
  TileRun run;
  run.first = first;
  run.image = first / (across * down);
  const size_t in_image = first % (across * down), band = in_image / (kBandRows * across);
  run.row = band * kBandRows;
  run.rows = std::min(kBandRows, down - run.row);
  const size_t in_band = in_image - run.row * across;
  run.last = std::min(last, first - in_band + run.rows * across);
  run.column = in_band / run.rows;
  run.skipped = in_band % run.rows;
  run.columns = (run.skipped + run.last - run.first - 1) / run.rows + 1;
  return run;
}

/// Calls body(run) for the tiles [first, last).
template <size_t kTile, class Body>
HWY_INLINE void ForRuns(const WinogradShape& shape, size_t first, size_t last, const Body& body) {
  while (first < last) {
    const TileRun run = RunFrom<kTile>(shape, first, last);
    body(run);
    first = run.last;
  }
}

/// Vectors of channels that are staged and transformed together: a line of the cache, so that what
/// is staged and what is asked for meanwhile leave each other in the first cache.
constexpr size_t kStageVectors = std::max<size_t>(1, kLine / hn::MaxLanes(Floats()));

/// A picture's channels [channel, channel + count), count <= kStageVectors vectors.
struct Slice {
  size_t channel, count;
  size_t vectors() const { return hwy::DivCeil(count, hn::Lanes(Floats())); }
  /// Lanes in use of vector j.
  size_t in_vector(size_t j) const {
    return std::min(hn::Lanes(Floats()), count - j * hn::Lanes(Floats()));
  }
};

/// How a run's pixels of a slice are staged: pixel (i, j) of the area under its tiles, the border
/// of one included, at i * row + j * pixel.
struct StagedSteps {
  size_t row, pixel;
};

/// One part of the input as a run reads it.
struct PartPixels {
  const float* x;  ///< the slice's first channel in the picture's first pixel
  size_t channels, width;
  size_t doubled;  ///< 1 or 0: what to shift rows and columns by
};

HWY_INLINE PartPixels PartOf(const WinogradShape& shape, const ConvInput& input, size_t image,
                             const Slice& slice) {
  const size_t doubled = input.doubled ? 1 : 0, part = slice.channel >= input.part_channels[0];
  const size_t channels = input.part_channels[part], height = shape.height >> doubled,
               width = shape.width >> doubled;
  return {input.parts[part] + image * height * width * channels + slice.channel -
              (part ? input.part_channels[0] : 0),
          channels, width, doubled};
}

/// Puts map(v, vector v) of the slice's vectors of each pixel side by side at `staged`; zeros
/// outside of the picture. Asks for the slice after it: its lines lie far apart, in an order that
/// no hardware foresees.
template <size_t kTile, class Map>
HWY_INLINE StagedSteps StageMapped(const WinogradShape& shape, const PartPixels& part,
                                   const TileRun& run, const Slice& slice, const Map& map,
                                   float* HWY_RESTRICT staged) {
  const Floats d;
  const size_t lanes = hn::Lanes(d), vectors = slice.vectors(), pixel = vectors * lanes,
               columns = kTile * run.columns + 2, height = shape.height, width = shape.width;
  const PartPixels from = part;
  // The columns [begin, end) are within the picture.
  const size_t first_column = kTile * run.column, begin = first_column == 0 ? 1 : 0,
               end = std::min(columns, width + 1 - first_column);
  float* to = staged;
  const auto zeros = [&](size_t pixels) {
    for (size_t i = 0; i < pixels * vectors; ++i) hn::StoreU(hn::Zero(d), d, to + i * lanes);
    to += pixels * pixel;
  };
  for (size_t i = 0; i < kTile * run.rows + 2; ++i) {
    const size_t row = kTile * run.row + i - 1;  // wraps to a huge number above the picture
    if (row >= height) {
      zeros(columns);
      continue;
    }
    zeros(begin);
    const float* x_row = from.x + (row >> from.doubled) * from.width * from.channels;
    for (size_t j = begin; j < end; ++j, to += pixel) {
      const float* x = x_row + ((first_column + j - 1) >> from.doubled) * from.channels;
      for (size_t v = 0; v < vectors; ++v) {
        hwy::Prefetch(x + pixel + v * lanes);
        hn::StoreU(map(v, LoadPart(x + v * lanes, slice.in_vector(v))), d, to + v * lanes);
      }
    }
    zeros(columns - end);
  }
  return {columns * pixel, pixel};
}

/// Stages the pixels of a slice as the convolution sees them, normalised and through SiLU where
/// asked for.
template <size_t kTile>
HWY_INLINE StagedSteps Stage(const WinogradShape& shape, const ConvInput& input, const TileRun& run,
                             const Slice& slice, float* staged) {
  const size_t lanes = hn::Lanes(Floats());
  const PartPixels part = PartOf(shape, input, run.image, slice);
  if (!input.scale)
    return StageMapped<kTile>(
        shape, part, run, slice, [](size_t, V x) { return x; }, staged);
  const size_t at = run.image * shape.in_channels + slice.channel;
  V scale[kStageVectors], shift[kStageVectors];
  for (size_t v = 0; v < slice.vectors(); ++v) {
    scale[v] = LoadPart(input.scale + at + v * lanes, slice.in_vector(v));
    shift[v] = LoadPart(input.shift + at + v * lanes, slice.in_vector(v));
  }
  const auto normed = [&](size_t v, V x) { return hn::MulAdd(x, scale[v], shift[v]); };
  if (!input.silu) return StageMapped<kTile>(shape, part, run, slice, normed, staged);
  const auto silu = [&](size_t v, V x) { return Silu(normed(v, x)); };
  return StageMapped<kTile>(shape, part, run, slice, silu, staged);
}

/// Calls body(slice) for all channels of the input; no slice reaches over both parts.
template <class Body>
HWY_INLINE void ForSlices(const ConvInput& input, const Body& body) {
  const size_t most = kStageVectors * hn::Lanes(Floats());
  size_t start = 0;
  for (const size_t channels : input.part_channels) {
    for (size_t c = 0; c < channels; c += most)
      body(Slice{start + c, std::min(most, channels - c)});
    start += channels;
  }
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
