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

// Points are kept as [point][tile][channel].

/// Floats of a tile's channels: whole vectors, and an odd number of them where they are many, lest
/// the same channel of many tiles fall into few sets of the first cache.
HWY_INLINE size_t PointRow(size_t channels) {
  const size_t lanes = hn::Lanes(Floats()), vectors = hwy::DivCeil(channels, lanes);
  return (vectors >= 8 ? vectors | 1 : vectors) * lanes;
}

/// Floats from point to point, each of which has `tiles` rows of `row` floats: an odd number of
/// lines, lest all points of a tile fall into the same few sets of the first cache.
HWY_INLINE size_t PointStep(size_t tiles, size_t row) {
  return (hwy::DivCeil(tiles * row, kLine) | 1) * kLine;
}

/// What staging takes: the pixels under a block's tiles, of as many channels as a slice has.
template <size_t kTile>
constexpr size_t kStagedFloats =
    Tiling<kTile>::StagePixels() * kStageVectors* hn::MaxLanes(Floats());

/// The tiles [first, last), at most a block, transformed; `points` begins with tile `first`, and
/// from point to point there are `point_floats`. @param staged kStagedFloats.
template <size_t kTile>
HWY_INLINE void InputToPoints(const WinogradShape& shape, const ConvInput& input, size_t first,
                              size_t last, float* HWY_RESTRICT staged, float* HWY_RESTRICT points,
                              size_t point_floats) {
  constexpr size_t kPatch = Tiling<kTile>::kPatch;
  const Floats d;
  const size_t lanes = hn::Lanes(d), row_floats = PointRow(shape.in_channels);
  ForRuns<kTile>(shape, first, last, [&](const TileRun& run) {
    ForSlices(input, [&](const Slice& slice) {
      // Values, as what is reached by a pointer would be read again after every store.
      const StagedSteps steps = Stage<kTile>(shape, input, run, slice, staged);
      const size_t row = steps.row, pixel = steps.pixel;
      for (size_t tile = run.first; tile < run.last; ++tile)
        for (size_t v = 0; v < slice.vectors(); ++v) {
          const float* from = staged + kTile * run.row_of(tile) * row +
                              kTile * run.column_of(tile) * pixel + v * lanes;
          float* to = points + (tile - first) * row_floats + slice.channel + v * lanes;
          Transform2D<kPatch, kPatch>(
              InputPoints<kTile>(),
              [=](size_t i, size_t j) { return hn::LoadU(d, from + i * row + j * pixel); },
              [=](size_t i, size_t j, V value) {
                hn::StoreU(value, d, to + (i * kPatch + j) * point_floats);
              });
        }
    });
  });
}

/// The same for the gradient of the output, grad_y [N][H][W][out].
template <size_t kTile>
HWY_INLINE void GradToPoints(const WinogradShape& shape, const float* HWY_RESTRICT grad_y,
                             size_t first, size_t last, float* HWY_RESTRICT points,
                             size_t point_floats) {
  constexpr size_t kPatch = Tiling<kTile>::kPatch;
  const Floats d;
  const size_t out = shape.out_channels, row_floats = PointRow(out), lanes = hn::Lanes(d);
  ForRuns<kTile>(shape, first, last, [&](const TileRun& run) {
    for (size_t tile = run.first; tile < run.last; ++tile) {
      const size_t row = kTile * (run.row + run.row_of(tile)),
                   column = kTile * (run.column + run.column_of(tile));
      const float* from = grad_y + ((run.image * shape.height + row) * shape.width + column) * out;
      for (size_t k = 0; k < out; k += lanes) {
        const size_t used = std::min(lanes, out - k);
        float* to = points + (tile - first) * row_floats + k;
        Transform2D<kTile, kPatch>(
            GradPoints<kTile>(),
            [&](size_t i, size_t j) {
              const bool inside = row + i < shape.height && column + j < shape.width;
              return inside ? LoadPart(from + (i * shape.width + j) * out + k, used) : hn::Zero(d);
            },
            [=](size_t i, size_t j, V value) {
              hn::StoreU(value, d, to + (i * kPatch + j) * point_floats);
            });
      }
    }
  });
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
