#include <algorithm>

#include "mezzotint/kernels/winograd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/winograd_grad.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/pack-inl.h"
#include "mezzotint/kernels/products-inl.h"
#include "mezzotint/kernels/winograd_points-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

/// Input channels of a task: its sums, [point][kTaskRows][panel], stay in the second cache.
constexpr size_t kTaskRows = 48;

/// Floats of a group's points: what the last cache holds easily, or more where each group fetches
/// and stores many sums.
constexpr size_t kFewGroupFloats = size_t{2} << 20, kManyGroupFloats = size_t{4} << 20;

/// A block of the weight: kTaskRows input channels times a panel of output channels.
struct Task {
  size_t c, rows;      ///< input channels
  size_t k, channels;  ///< output channels
  size_t width;        ///< the latter padded to whole vectors

  Task(const WinogradShape& shape, size_t task) {
    const size_t panel = kPanelVectors * hn::Lanes(Floats()),
                 panels = hwy::DivCeil(shape.out_channels, panel);
    c = task / panels * kTaskRows;
    rows = std::min(kTaskRows, shape.in_channels - c);
    k = task % panels * panel;
    channels = std::min(panel, shape.out_channels - k);
    width = Padded(channels);
  }
};

size_t PointCount(const WinogradShape& shape) {
  return shape.tile == 4 ? Tiling<4>::kPoints : Tiling<6>::kPoints;
}

size_t TaskFloats(const WinogradShape& shape) {
  return PointCount(shape) * PointStep(kTaskRows, kPanelVectors * hn::Lanes(Floats()));
}

size_t Tasks(const WinogradShape& shape) {
  return hwy::DivCeil(shape.in_channels, kTaskRows) *
         hwy::DivCeil(shape.out_channels, kPanelVectors * hn::Lanes(Floats()));
}

size_t GroupFloats(const WinogradShape& shape, size_t group) {
  return PointCount(shape) * (PointStep(group, PointRow(shape.in_channels)) +
                              PointStep(group, PointRow(shape.out_channels)));
}

size_t GroupSize(const WinogradShape& shape, size_t tiles) {
  const size_t block = shape.tile == 4 ? Tiling<4>::kBlock : Tiling<6>::kBlock,
               sums = Tasks(shape) * TaskFloats(shape),
               floats = std::clamp(sums, kFewGroupFloats, kManyGroupFloats),
               fitting = floats / GroupFloats(shape, 1) / block * block;
  return std::min(tiles, std::max(block, fitting));
}

template <size_t kTile>
void GroupPoints(const WinogradShape& shape, const ConvInput& input, const float* grad_y,
                 size_t start, size_t group, size_t first, size_t last, float* scratch,
                 float* points) {
  constexpr size_t kPoints = Tiling<kTile>::kPoints, kBlock = Tiling<kTile>::kBlock;
  const size_t in_row = PointRow(shape.in_channels), out_row = PointRow(shape.out_channels),
               in_step = PointStep(group, in_row), out_step = PointStep(group, out_row);
  float* grads = points + kPoints * in_step;
  for (size_t begin = first; begin < last; begin += kBlock) {
    const size_t end = std::min(last, begin + kBlock);
    InputToPoints<kTile>(shape, input, begin, end, scratch, points + (begin - start) * in_row,
                         in_step);
    GradToPoints<kTile>(shape, grad_y, begin, end, grads + (begin - start) * out_row, out_step);
  }
}

/// The next point's tiles: each block of registers asks for a line of all of them, first those of
/// the input, then those of the gradient.
struct NextPoint {
  const Product<Lying::kColumns>& m;
  size_t in_step, out_step, in_lines;
  HWY_INLINE Ahead operator()(size_t first, size_t rows, size_t /*part*/) const {
    const size_t line = first / rows;
    if (line < in_lines) return {m.a + in_step + line * kLine, m.a_step};
    return {m.b + out_step + (line - in_lines) * kLine, m.b_step};
  }
};

template <size_t kTile>
void GroupProducts(const WinogradShape& shape, const float* points, size_t group, size_t tiles,
                   size_t number, bool first_group, float* sums) {
  constexpr size_t kPoints = Tiling<kTile>::kPoints;
  const Task task(shape, number);
  const size_t in_row = PointRow(shape.in_channels), out_row = PointRow(shape.out_channels),
               in_step = PointStep(group, in_row), out_step = PointStep(group, out_row);
  const float* grads = points + kPoints * in_step;
  for (size_t p = 0; p < kPoints; ++p) {
    float* to = sums + p * PointStep(kTaskRows, task.width);
    if (shape.doubled && IsMinusOne<kTile>(p)) {
      if (first_group) std::fill_n(to, task.rows * task.width, 0.0f);
      continue;
    }
    const Product<Lying::kColumns> product = {points + p * in_step + task.c,
                                              in_row,
                                              grads + p * out_step + task.k,
                                              out_row,
                                              tiles,
                                              to,
                                              task.width};
    const size_t vectors = task.width / hn::Lanes(Floats());
    const NextPoint next = {product, in_step, out_step, hwy::DivCeil(task.rows, kLine)};
    MultiplyPanel(!first_group, task.rows, vectors, product, AsTheyAre(), next);
  }
}

template <size_t kTile>
void WeightGrad(const WinogradShape& shape, const float* HWY_RESTRICT sums, size_t number,
                float* HWY_RESTRICT grad_weight) {
  constexpr size_t kPatch = Tiling<kTile>::kPatch;
  const Floats d;
  const Task task(shape, number);
  const size_t lanes = hn::Lanes(d), step = PointStep(kTaskRows, task.width);
  // A vector's taps of all input channels, so that what is written lies side by side.
  HWY_ALIGN float taps[kTaskRows * 9 * hn::MaxLanes(Floats())];
  for (size_t k = 0; k < task.channels; k += lanes) {
    for (size_t c = 0; c < task.rows; ++c) {
      const float* from = sums + c * task.width + k;
      float* to = taps + c * 9 * lanes;
      Transform2D<kPatch, 3>(
          GradTaps<kTile>(),
          [=](size_t i, size_t j) { return hn::LoadU(d, from + (i * kPatch + j) * step); },
          [=](size_t i, size_t j, V value) { hn::StoreU(value, d, to + (3 * i + j) * lanes); });
    }
    Turn(taps, lanes, task.rows * 9, std::min(lanes, task.channels - k),
         grad_weight + ((task.k + k) * shape.in_channels + task.c) * 9, shape.in_channels * 9);
  }
}

void AnyGroupPoints(const WinogradShape& shape, const ConvInput& input, const float* grad_y,
                    size_t start, size_t group, size_t first, size_t last, float* scratch,
                    float* points) {
  (shape.tile == 4 ? GroupPoints<4> : GroupPoints<6>)(shape, input, grad_y, start, group, first,
                                                      last, scratch, points);
}

void AnyGroupProducts(const WinogradShape& shape, const float* points, size_t group, size_t tiles,
                      size_t number, bool first_group, float* sums) {
  (shape.tile == 4 ? GroupProducts<4> : GroupProducts<6>)(shape, points, group, tiles, number,
                                                          first_group, sums);
}

void AnyWeightGrad(const WinogradShape& shape, const float* sums, size_t number,
                   float* grad_weight) {
  (shape.tile == 4 ? WeightGrad<4> : WeightGrad<6>)(shape, sums, number, grad_weight);
}

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(GroupSize);
HWY_EXPORT(Tasks);
HWY_EXPORT(TaskFloats);
HWY_EXPORT(GroupFloats);
HWY_EXPORT(AnyGroupPoints);
HWY_EXPORT(AnyGroupProducts);
HWY_EXPORT(AnyWeightGrad);

size_t winograd_group_size(const WinogradShape& shape, size_t tiles) {
  return HWY_DYNAMIC_DISPATCH(GroupSize)(shape, tiles);
}

size_t winograd_tasks(const WinogradShape& shape) { return HWY_DYNAMIC_DISPATCH(Tasks)(shape); }

size_t winograd_task_floats(const WinogradShape& shape) {
  return HWY_DYNAMIC_DISPATCH(TaskFloats)(shape);
}

size_t winograd_group_floats(const WinogradShape& shape, size_t group) {
  return HWY_DYNAMIC_DISPATCH(GroupFloats)(shape, group);
}

void winograd_group_points(const WinogradShape& shape, const ConvInput& input, const float* grad_y,
                           size_t start, size_t group, size_t first, size_t last, float* scratch,
                           float* points) {
  HWY_DYNAMIC_DISPATCH(AnyGroupPoints)
  (shape, input, grad_y, start, group, first, last, scratch, points);
}

void winograd_group_products(const WinogradShape& shape, const float* points, size_t group,
                             size_t tiles, size_t task, bool first_group, float* sums) {
  HWY_DYNAMIC_DISPATCH(AnyGroupProducts)(shape, points, group, tiles, task, first_group, sums);
}

void winograd_weight_grad(const WinogradShape& shape, const float* sums, size_t task,
                          float* grad_weight) {
  HWY_DYNAMIC_DISPATCH(AnyWeightGrad)(shape, sums, task, grad_weight);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
