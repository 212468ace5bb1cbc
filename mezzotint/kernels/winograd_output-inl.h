// Sums of products on their way to the output. Compiled once for each instruction set, so the guard
// toggles (Highway's way for -inl.h files).
#if defined(MEZZOTINT_KERNELS_WINOGRAD_OUTPUT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MEZZOTINT_KERNELS_WINOGRAD_OUTPUT_INL_H_
#undef MEZZOTINT_KERNELS_WINOGRAD_OUTPUT_INL_H_
#else
#define MEZZOTINT_KERNELS_WINOGRAD_OUTPUT_INL_H_
#endif

#include <hwy/cache_control.h>

#include "mezzotint/kernels/winograd_tiles-inl.h"
#include "mezzotint/kernels/winograd_transforms-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {

/// Sums of all points of some output channels: (point, tile, channel) at point * point_floats +
/// tile * row_floats + channel.
struct Sums {
  const float* data;
  size_t point_floats, row_floats;
  size_t k, channels;  ///< the first output channel, how many
};

/// Where a tile lies: its corner in the picture, and the pixel there, counted through the batch.
struct TilePlace {
  size_t tile, image, row, column, pixel;
  size_t rows, columns;  ///< samples within the picture
};

template <size_t kTile>
HWY_INLINE TilePlace PlaceOf(const WinogradShape& shape, const TileRun& run, size_t tile) {
  const size_t row = kTile * (run.row + run.row_of(tile)),
               column = kTile * (run.column + run.column_of(tile));
  return {tile,
          run.image,
          row,
          column,
          (run.image * shape.height + row) * shape.width + column,
          std::min(kTile, shape.height - row),
          std::min(kTile, shape.width - column)};
}

/// Mean and spread of a tile's samples, about the first of them so that a large mean costs no
/// precision.
struct SampleMoments {
  V origin, sum, squares;

  HWY_INLINE SampleMoments() { origin = sum = squares = hn::Zero(Floats()); }

  HWY_INLINE void Add(size_t i, size_t j, V value) {
    if (i == 0 && j == 0) origin = value;
    const V apart = hn::Sub(value, origin);
    sum = hn::Add(sum, apart);
    squares = hn::MulAdd(apart, apart, squares);
  }

  HWY_INLINE void Store(size_t count, float* means, float* spreads) const {
    const Floats d;
    const V mean = hn::Mul(sum, Constant(1.0f / static_cast<float>(count)));
    hn::StoreU(hn::Add(origin, mean), d, means);
    hn::StoreU(hn::Max(hn::NegMulAdd(sum, mean, squares), hn::Zero(d)), d, spreads);
  }
};

/// What is added to a vector of output channels, `used` of whose lanes are in use.
HWY_INLINE V Biases(const ConvOutput& output, size_t image, size_t channels, size_t k,
                    size_t used) {
  V bias = output.bias ? LoadPart(output.bias + k, used) : hn::Zero(Floats());
  if (output.image_bias)
    bias = hn::Add(bias, LoadPart(output.image_bias + image * channels + k, used));
  return bias;
}

/// The samples of a tile that is within the picture, for `channels` channels from k on that are
/// whole vectors; `from` has their sums. Asks for the samples of the tile `ahead` pixels on: no
/// hardware foresees so many lines far apart. A function by itself, lest the compiler mix several
/// and run out of registers.
template <size_t kTile, bool kAddend, bool kStreamed, bool kMoments>
HWY_NOINLINE void StoreWhole(const WinogradShape& shape, const ConvOutput& output,
                             const TilePlace& place, const float* from, size_t point, size_t k,
                             size_t channels, size_t ahead) {
  constexpr size_t kPatch = kTile + 2;
  const Floats d;
  // Values, as what is reached by a pointer would be read again after every store.
  const size_t lanes = hn::Lanes(d), out = shape.out_channels, row = shape.width * out,
               next = ahead * out, moments_row = Padded(out), image = place.image;
  float* to = output.y + place.pixel * out + k;
  const float* add = kAddend ? output.addend + place.pixel * out + k : nullptr;
  float* means = kMoments ? output.moments + 2 * place.tile * moments_row + k : nullptr;
  for (size_t end = k + channels; k < end; k += lanes, from += lanes, to += lanes) {
    const V bias = Biases(output, image, out, k, lanes);
    SampleMoments moments;
    Transform2D<kPatch, kTile>(
        OutputSamples<kTile>(),
        [=](size_t i, size_t j) { return hn::LoadU(d, from + (i * kPatch + j) * point); },
        [=, &moments](size_t i, size_t j, V value) {
          const size_t at = i * row + j * out;
          value = hn::Add(value, bias);
          if constexpr (kAddend) {
            value = hn::Add(value, hn::LoadU(d, add + at));
            hwy::Prefetch(add + at + next);
          }
          if constexpr (kMoments) moments.Add(i, j, value);
          if constexpr (kStreamed) {
            hn::Stream(value, d, to + at);
          } else {
            hn::StoreU(value, d, to + at);
            hwy::Prefetch(to + at + next);
          }
        });
    if constexpr (kAddend) add += lanes;
    if constexpr (kMoments) {
      moments.Store(kTile * kTile, means, means + moments_row);
      means += lanes;
    }
  }
}

/// One vector of output channels on its way from sums to memory, in any tile.
struct OutputVector {
  const WinogradShape& shape;
  const ConvOutput& output;
  size_t k, used;  ///< first channel; lanes in use
  V bias;

  HWY_INLINE OutputVector(const WinogradShape& shape, const ConvOutput& output, size_t image,
                          size_t k)
      : shape(shape),
        output(output),
        k(k),
        used(std::min(hn::Lanes(Floats()), shape.out_channels - k)),
        bias(Biases(output, image, shape.out_channels, k, used)) {}

  HWY_INLINE V Store(V value, size_t pixel) const {
    const size_t at = pixel * shape.out_channels + k;
    value = hn::Add(value, bias);
    if (output.addend) value = hn::Add(value, LoadPart(output.addend + at, used));
    StorePart(value, output.y + at, used);
    return value;
  }

  template <size_t kTile>
  HWY_INLINE void StoreTile(const TilePlace& place, const V (&o)[kTile][kTile]) const {
    SampleMoments moments;
    for (size_t i = 0; i < place.rows; ++i)
      for (size_t j = 0; j < place.columns; ++j)
        moments.Add(i, j, Store(o[i][j], place.pixel + i * shape.width + j));
    if (!output.moments) return;
    const size_t row = Padded(shape.out_channels);
    float* to = output.moments + 2 * place.tile * row + k;
    moments.Store(place.rows * place.columns, to, to + row);
  }

  /// The samples added in squares of two by two.
  template <size_t kTile>
  HWY_INLINE void StoreHalved(const TilePlace& place, const V (&o)[kTile][kTile]) const {
    const size_t height = shape.height / 2, width = shape.width / 2;
    for (size_t i = 0; i < place.rows / 2; ++i)
      for (size_t j = 0; j < place.columns / 2; ++j)
        Store(hn::Add(hn::Add(o[2 * i][2 * j], o[2 * i][2 * j + 1]),
                      hn::Add(o[2 * i + 1][2 * j], o[2 * i + 1][2 * j + 1])),
              (place.image * height + place.row / 2 + i) * width + place.column / 2 + j);
  }
};

/// The samples of any tile, for the channels [k, k + channels).
template <size_t kTile>
HWY_NOINLINE void StoreAny(const WinogradShape& shape, const ConvOutput& output,
                           const TilePlace& place, const float* from, size_t point, size_t k,
                           size_t channels) {
  constexpr size_t kPatch = kTile + 2;
  const size_t lanes = hn::Lanes(Floats());
  for (size_t end = k + channels; k < end; k += lanes, from += lanes) {
    V o[kTile][kTile];
    Transform2D<kPatch, kTile>(
        OutputSamples<kTile>(),
        [=](size_t i, size_t j) { return hn::LoadU(Floats(), from + (i * kPatch + j) * point); },
        [&](size_t i, size_t j, V value) { o[i][j] = value; });
    const OutputVector vector(shape, output, place.image, k);
    if (output.halved)
      vector.StoreHalved<kTile>(place, o);
    else
      vector.StoreTile<kTile>(place, o);
  }
}

/// One vector of samples passed back to what stood before the convolution, and two sums of them.
struct BehindVector {
  size_t used;      ///< lanes in use
  PartPixels read;  ///< from the batch's first pixel on
  V scale, shift, origin;
  V sum, product;

  HWY_INLINE BehindVector(const WinogradShape& shape, const ConvBehind& behind, size_t image,
                          size_t k)
      : used(std::min(hn::Lanes(Floats()), shape.out_channels - k)),
        read(PartOf(shape, behind.read, 0, {k, used})) {
    const size_t at = image * shape.out_channels + k;
    scale = LoadPart(behind.read.scale + at, used);
    shift = LoadPart(behind.read.shift + at, used);
    origin = LoadPart(behind.origins + at, used);
    sum = product = hn::Zero(Floats());
  }

  HWY_INLINE const float* At(size_t pixel) const { return read.x + pixel * read.channels; }

  template <bool kSilu>
  HWY_INLINE V Pass(V grad, size_t pixel) {
    const V v = LoadPart(At(pixel), used);
    if constexpr (kSilu) grad = hn::Mul(grad, SiluSlope(hn::MulAdd(v, scale, shift)));
    sum = hn::Add(sum, grad);
    product = hn::MulAdd(grad, hn::Sub(v, origin), product);
    return grad;
  }
};

/// The samples of any tile, for the channels [k, k + channels), passed back through `behind`. Asks
/// for what the tile `ahead` pixels on reads.
template <size_t kTile, bool kSilu>
HWY_NOINLINE void StoreBehind(const WinogradShape& shape, const ConvOutput& output, bool streamed,
                              const TilePlace& place, const float* from, size_t point, size_t k,
                              size_t channels, size_t ahead) {
  constexpr size_t kPatch = kTile + 2;
  const Floats d;
  const size_t lanes = hn::Lanes(d), out = shape.out_channels, width = shape.width,
               rows = place.rows, columns = place.columns, sums_row = Padded(out);
  float* sums = output.behind->sums + 2 * place.tile * sums_row;
  for (size_t end = k + channels; k < end; k += lanes, from += lanes) {
    HWY_ALIGN float o[kTile * kTile * hn::MaxLanes(Floats())];
    Transform2D<kPatch, kTile>(
        OutputSamples<kTile>(),
        [=](size_t i, size_t j) { return hn::LoadU(d, from + (i * kPatch + j) * point); },
        [&o, lanes](size_t i, size_t j, V value) {
          hn::Store(value, Floats(), o + (i * kTile + j) * lanes);
        });
    BehindVector vector(shape, *output.behind, place.image, k);
    for (size_t i = 0; i < rows; ++i)
      for (size_t j = 0; j < columns; ++j) {
        const size_t pixel = place.pixel + i * width + j;
        const V grad = vector.Pass<kSilu>(hn::Load(d, o + (i * kTile + j) * lanes), pixel);
        hwy::Prefetch(vector.At(pixel + ahead));
        float* to = output.y + pixel * out + k;
        if (streamed)
          hn::Stream(grad, d, to);
        else
          StorePart(grad, to, vector.used);
      }
    hn::StoreU(vector.sum, d, sums + k);
    hn::StoreU(vector.product, d, sums + sums_row + k);
  }
}

/// StoreWhole for what `output` has.
template <size_t kTile>
auto WholeStore(const ConvOutput& output, bool streamed) {
  constexpr bool kYes = true, kNo = false;
  if (streamed) {
    if (output.addend)
      return output.moments ? StoreWhole<kTile, kYes, kYes, kYes>
                            : StoreWhole<kTile, kYes, kYes, kNo>;
    return output.moments ? StoreWhole<kTile, kNo, kYes, kYes> : StoreWhole<kTile, kNo, kYes, kNo>;
  }
  if (output.addend)
    return output.moments ? StoreWhole<kTile, kYes, kNo, kYes> : StoreWhole<kTile, kYes, kNo, kNo>;
  return output.moments ? StoreWhole<kTile, kNo, kNo, kYes> : StoreWhole<kTile, kNo, kNo, kNo>;
}

/// The tiles [first, last); `first` is the sums' first tile.
template <size_t kTile>
void SumsToOutput(const WinogradShape& shape, const Sums& sums, size_t first, size_t last,
                  const ConvOutput& output) {
  const bool streamed = output.streamed && InWholeLines(output.y, shape.out_channels);
  const auto store_whole = WholeStore<kTile>(output, streamed);
  const bool silu = output.behind && output.behind->read.silu;
  const auto store_behind = silu ? StoreBehind<kTile, true> : StoreBehind<kTile, false>;
  const size_t channels = sums.channels / hn::Lanes(Floats()) * hn::Lanes(Floats());
  ForRuns<kTile>(shape, first, last, [&](const TileRun& run) {
    for (size_t tile = run.first; tile < run.last; ++tile) {
      const TilePlace place = PlaceOf<kTile>(shape, run, tile);
      const float* from = sums.data + (tile - first) * sums.row_floats;
      const size_t ahead =
          PlaceOf<kTile>(shape, run, std::min(tile + 1, run.last - 1)).pixel - place.pixel;
      if (output.behind) {
        store_behind(shape, output, streamed, place, from, sums.point_floats, sums.k, sums.channels,
                     ahead);
        continue;
      }
      const bool whole = place.rows == kTile && place.columns == kTile && !output.halved;
      const size_t plain = whole ? channels : 0;  // of the sums' channels
      store_whole(shape, output, place, from, sums.point_floats, sums.k, plain, ahead);
      StoreAny<kTile>(shape, output, place, from + plain, sums.point_floats, sums.k + plain,
                      sums.channels - plain);
    }
  });
  if (streamed) hwy::FlushStream();
}

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
