// Tiles of the input and of the output's gradient, transformed into points. Compiled once for each
// instruction set, so the guard toggles (Highway's way for -inl.h files).
#if defined(MEZZOTINT_KERNELS_WINOGRAD_POINTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_WINOGRAD_POINTS_INL_H_
#undef MEZZOTINT_KERNELS_WINOGRAD_POINTS_INL_H_
#else
#define MEZZOTINT_KERNELS_WINOGRAD_POINTS_INL_H_
#endif

#include "mezzotint/kernels/winograd_tiles-inl.h"
#include "mezzotint/kernels/winograd_transforms-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {

// Points are kept as [36][tile][channel].
constexpr size_t kPoints = 36;

/// Floats of a tile's channels: whole vectors, and an odd number of them where they are many, lest
/// the same channel of many tiles fall into few sets of the first cache.
HWY_INLINE size_t PointRow(size_t channels) {
  const size_t lanes = hn::Lanes(Floats()), vectors = hwy::DivCeil(channels, lanes);
  return (vectors >= 8 ? vectors | 1 : vectors) * lanes;
}

/// What staging takes: the pixels under a block's tiles, of as many channels as a slice has.
constexpr size_t kStagedFloats = kStagePixels * kStageVectors * hn::MaxLanes(Floats());

/// The tiles [first, last), at most kWinogradBlock, transformed; `points` begins with tile `first`
/// and has room for `tiles` tiles. @param staged kStagedFloats.
HWY_INLINE void InputToPoints(const WinogradShape& shape, const ConvInput& input, size_t first,
                              size_t last, float* HWY_RESTRICT staged, float* HWY_RESTRICT points,
                              size_t tiles) {
  const Floats d;
  const size_t lanes = hn::Lanes(d), row_floats = PointRow(shape.in_channels);
  ForRuns(shape, first, last, [&](const TileRun& run) {
    ForSlices(input, [&](const Slice& slice) {
      const PixelArea area = Pixels(shape, input, run, slice, staged);
      for (size_t tile = run.first; tile < run.last; ++tile)
        for (size_t v = 0; v < slice.vectors(); ++v) {
          const float* from = area.from + 4 * run.row_of(tile) * area.row +
                              4 * run.column_of(tile) * area.pixel + v * lanes;
          V x[6][6], o[6][6];
          for (size_t i = 0; i < kPoints; ++i)
            x[i / 6][i % 6] = hn::LoadU(d, from + i / 6 * area.row + i % 6 * area.pixel);
          Transform2D(InputPoints(), x, o);
          float* to = points + (tile - first) * row_floats + slice.channel + v * lanes;
          for (size_t p = 0; p < kPoints; ++p)
            hn::StoreU(o[p / 6][p % 6], d, to + p * tiles * row_floats);
        }
    });
  });
}

/// The same for the gradient of the output, grad_y [N][H][W][out].
HWY_INLINE void GradToPoints(const WinogradShape& shape, const float* HWY_RESTRICT grad_y,
                             size_t first, size_t last, float* HWY_RESTRICT points, size_t tiles) {
  const Floats d;
  const size_t out = shape.out_channels, row_floats = PointRow(out), lanes = hn::Lanes(d);
  ForRuns(shape, first, last, [&](const TileRun& run) {
    for (size_t tile = run.first; tile < run.last; ++tile) {
      const size_t row = 4 * (run.row + run.row_of(tile)),
                   column = 4 * (run.column + run.column_of(tile));
      const float* from = grad_y + ((run.image * shape.height + row) * shape.width + column) * out;
      for (size_t k = 0; k < out; k += lanes) {
        const size_t used = std::min(lanes, out - k);
        V g[4][4], o[6][6];
        for (size_t i = 0; i < 4; ++i)
          for (size_t j = 0; j < 4; ++j) {
            const bool inside = row + i < shape.height && column + j < shape.width;
            g[i][j] = inside ? LoadPart(from + (i * shape.width + j) * out + k, used) : hn::Zero(d);
          }
        Transform2D(GradPoints(), g, o);
        float* to = points + (tile - first) * row_floats + k;
        for (size_t p = 0; p < kPoints; ++p)
          hn::StoreU(o[p / 6][p % 6], d, to + p * tiles * row_floats);
      }
    }
  });
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
