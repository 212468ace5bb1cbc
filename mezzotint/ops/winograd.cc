#include "mezzotint/ops/winograd.h"

#include <algorithm>
#include <atomic>

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "mezzotint/kernels/group_norm.h"
#include "mezzotint/kernels/winograd.h"
#include "mezzotint/ops/moments.h"
#include "mezzotint/ops/streamed.h"
#include "mezzotint/ops/winograd_costs.h"

namespace mezzotint::ops {
namespace {

using kernels::ConvInput;
using kernels::ConvOutput;
using kernels::WinogradShape;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;

/// Threads with sums of their own take this many floats each at most; else they share.
constexpr size_t kMostOwnSums = size_t{3} << 19;

/// Tiles that a thread with sums of its own transforms before it multiplies.
constexpr int64_t kOwnGroup = 48;

/// Tiles of a group that a thread transforms at least.
constexpr int64_t kGroupGrain = 8;

Tensor floats(size_t count, const Tensor& like) {
  return at::empty({static_cast<int64_t>(count)},
                   at::TensorOptions().dtype(at::kFloat).device(like.device()));
}

const float* data_or_null(const Tensor& x) {
  return x.defined() ? x.const_data_ptr<float>() : nullptr;
}

size_t size(int64_t value) { return static_cast<size_t>(value); }

/// A convolution of `out` channels as the kernels see it.
struct Work {
  Work(const WinogradSource& source, int64_t out, WinogradPass pass = WinogradPass::kConvolution,
       bool halved = false);

  WinogradShape shape;
  ConvInput input;
  int64_t images, tiles, block;
};

ConvInput input_of(const WinogradSource& source) {
  ConvInput input;
  for (size_t i = 0; i < source.parts.size(); ++i) {
    input.parts[i] = source.parts[i].const_data_ptr<float>();
    input.part_channels[i] = size(source.parts[i].size(1));
  }
  input.scale = data_or_null(source.scale_bc);
  input.shift = data_or_null(source.shift_bc);
  input.silu = source.silu;
  input.doubled = source.doubled;
  return input;
}

Work::Work(const WinogradSource& source, int64_t out, WinogradPass pass, bool halved)
    : input(input_of(source)) {
  const Tensor& x = source.parts[0];
  const int64_t factor = source.doubled ? 2 : 1;
  const int64_t height = x.size(2) * factor, width = x.size(3) * factor, in = source.channels();
  const bool doubled = source.doubled || halved;
  const int64_t tile =
      cheaper_tile(winograd_costs(), pass, x.size(0), height, width, in, out, doubled);
  shape = {size(height), size(width), size(in), size(out), size(tile), doubled};
  images = x.size(0);
  tiles = images * static_cast<int64_t>(shape.tiles_per_image());
  block = static_cast<int64_t>(kernels::winograd_block(shape));
}

/// Calls body(first tile, last tile, scratch) for blocks of tiles.
template <class Body>
void for_blocks(const Work& work, const Tensor& like, int64_t block, size_t scratch_floats,
                const Body& body) {
  std::atomic<int64_t> next = 0;
  at::parallel_for(0, at::get_num_threads(), 1, [&](int64_t, int64_t) {
    const Tensor scratch = floats(scratch_floats, like);
    for (int64_t first; (first = next.fetch_add(block)) < work.tiles;)
      body(size(first), size(std::min(first + block, work.tiles)), scratch.data_ptr<float>());
  });
}

void few_tiles(const Work& work, const Tensor& weight, bool turned, const ConvOutput& output) {
  const size_t tiles = size(work.tiles);
  const Tensor points = floats(kernels::winograd_points_size(work.shape, tiles), weight);
  for_blocks(work, weight, 8, kernels::winograd_scratch_size(work.shape),
             [&](size_t first, size_t last, float* scratch) {
               kernels::winograd_points(work.shape, work.input, tiles, first, last, scratch,
                                        points.data_ptr<float>());
             });
  const auto panels = static_cast<int64_t>(kernels::winograd_panels(work.shape));
  at::parallel_for(0, panels, 1, [&](int64_t begin, int64_t end) {
    const Tensor scratch = floats(kernels::winograd_panel_scratch_size(work.shape, tiles), weight);
    for (int64_t panel = begin; panel < end; ++panel)
      kernels::winograd_forward_panel(work.shape, points.const_data_ptr<float>(), tiles,
                                      weight.const_data_ptr<float>(), turned, size(panel),
                                      scratch.data_ptr<float>(), output);
  });
}

/// Tiles of a block, so that all threads have blocks, and as many of them. An even number: rows by
/// sixes and fours fill the products' registers.
int64_t even_block(const Work& work) {
  const int64_t threads = at::get_num_threads(), share = (work.tiles + threads - 1) / threads,
                most = std::min(work.block, share + share % 2);
  const auto load = [&](int64_t block) {
    const int64_t blocks = (work.tiles + block - 1) / block;
    return (blocks + threads - 1) / threads * (block + 1);
  };
  int64_t best = most;
  for (int64_t block = std::max<int64_t>(2, most / 3 * 2); block <= most * 5 / 4; block += 2)
    if (load(block) < load(best)) best = block;
  return best;
}

void many_tiles(const Work& work, const Tensor& weight, bool turned, const ConvOutput& output) {
  const Tensor filter = floats(kernels::winograd_filter_size(work.shape), weight);
  const auto panels = static_cast<int64_t>(kernels::winograd_panels(work.shape));
  at::parallel_for(0, panels, 1, [&](int64_t begin, int64_t end) {
    kernels::winograd_filter(work.shape, weight.const_data_ptr<float>(), turned, size(begin),
                             size(end), filter.data_ptr<float>());
  });
  const int64_t block = even_block(work);
  for_blocks(work, weight, block, kernels::winograd_forward_scratch_size(work.shape, size(block)),
             [&](size_t first, size_t last, float* scratch) {
               kernels::winograd_forward(work.shape, work.input, filter.const_data_ptr<float>(),
                                         size(block), first, last, scratch, output);
             });
}

void convolve(const Work& work, const Tensor& weight, bool turned, const ConvOutput& output) {
  (work.tiles <= kFewTiles ? few_tiles : many_tiles)(work, weight, turned, output);
}

/// Each thread adds up its share of the tiles; afterwards the shares are added in their order.
Tensor sums_of_own(const Work& work, const float* grad_y, const Tensor& like) {
  const size_t tasks = kernels::winograd_tasks(work.shape),
               floats_each = kernels::winograd_task_floats(work.shape);
  const int64_t group = kOwnGroup, blocks = (work.tiles + group - 1) / group,
                parts = std::min<int64_t>(at::get_num_threads(), blocks);
  const Tensor sums = floats(size(parts) * tasks * floats_each, like);
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    const Tensor scratch = floats(kernels::winograd_scratch_size(work.shape), like),
                 points = floats(kernels::winograd_group_floats(work.shape, size(group)), like);
    for (int64_t part = begin; part < end; ++part) {
      float* to = sums.data_ptr<float>() + size(part) * tasks * floats_each;
      const size_t from = size(blocks * part / parts * group),
                   last = size(std::min(blocks * (part + 1) / parts * group, work.tiles));
      for (size_t first = from; first < last; first += size(group)) {
        const size_t end_tile = std::min(first + size(group), last);
        kernels::winograd_group_points(work.shape, work.input, grad_y, first, size(group), first,
                                       end_tile, scratch.data_ptr<float>(),
                                       points.data_ptr<float>());
        for (size_t task = 0; task < tasks; ++task)
          kernels::winograd_group_products(work.shape, points.const_data_ptr<float>(), size(group),
                                           end_tile - first, task, first == from,
                                           to + task * floats_each);
      }
    }
  });
  return parts == 1 ? sums : sums.view({parts, -1}).sum(0);
}

void own_sums(const Work& work, const float* grad_y, const Tensor& like, float* grad_weight) {
  const Tensor sums = sums_of_own(work, grad_y, like);
  const auto tasks = static_cast<int64_t>(kernels::winograd_tasks(work.shape));
  const size_t floats_each = kernels::winograd_task_floats(work.shape);
  at::parallel_for(0, tasks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task)
      kernels::winograd_weight_grad(work.shape,
                                    sums.const_data_ptr<float>() + size(task) * floats_each,
                                    size(task), grad_weight);
  });
}

/// All threads transform a group's tiles, then share out its tasks. When one group is all there is,
/// a task's sums become taps while they are in the cache.
void shared_sums(const Work& work, const float* grad_y, const Tensor& like, float* grad_weight) {
  const auto tasks = static_cast<int64_t>(kernels::winograd_tasks(work.shape));
  const size_t floats_each = kernels::winograd_task_floats(work.shape);
  const size_t tiles = size(work.tiles), group = kernels::winograd_group_size(work.shape, tiles);
  const bool one_group = group >= tiles;
  const Tensor points = floats(kernels::winograd_group_floats(work.shape, group), like),
               sums = one_group ? Tensor() : floats(size(tasks) * floats_each, like);
  for (size_t start = 0; start < tiles; start += group) {
    const size_t count = std::min(group, tiles - start);
    at::parallel_for(0, static_cast<int64_t>(count), kGroupGrain, [&](int64_t begin, int64_t end) {
      const Tensor scratch = floats(kernels::winograd_scratch_size(work.shape), like);
      kernels::winograd_group_points(work.shape, work.input, grad_y, start, group,
                                     start + size(begin), start + size(end),
                                     scratch.data_ptr<float>(), points.data_ptr<float>());
    });
    at::parallel_for(0, tasks, 1, [&](int64_t begin, int64_t end) {
      const Tensor own = one_group ? floats(floats_each, like) : Tensor();
      for (int64_t task = begin; task < end; ++task) {
        float* to =
            one_group ? own.data_ptr<float>() : sums.data_ptr<float>() + size(task) * floats_each;
        kernels::winograd_group_products(work.shape, points.const_data_ptr<float>(), group, count,
                                         size(task), start == 0, to);
        if (start + group >= tiles)
          kernels::winograd_weight_grad(work.shape, to, size(task), grad_weight);
      }
    });
  }
}

}  // namespace

int64_t WinogradSource::channels() const {
  int64_t sum = 0;
  for (const Tensor& part : parts) sum += part.size(1);
  return sum;
}

/// [B, 2, out] in float64, from what the tiles left.
static Tensor moments_of_tiles(const Work& work, const Tensor& tiles) {
  const auto out = static_cast<int64_t>(work.shape.out_channels);
  Tensor moments = at::empty({work.images, 2, out}, at::TensorOptions().dtype(at::kDouble));
  const int64_t floats_each = tiles.numel() / work.images;
  at::parallel_for(0, work.images, 1, [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; ++image) {
      double* means = moments.data_ptr<double>() + image * 2 * out;
      kernels::winograd_channel_moments(
          work.shape, tiles.const_data_ptr<float>() + image * floats_each, means, means + out);
    }
  });
  return moments;
}

/// [B, 2, out] in float64, added up.
static Tensor sums_of_tiles(const Work& work, const Tensor& tiles) {
  const size_t row = kernels::winograd_moments_row(work.shape), out = work.shape.out_channels,
               per_image = work.shape.tiles_per_image();
  Tensor sums = at::zeros({work.images, 2, static_cast<int64_t>(out)},
                          at::TensorOptions().dtype(at::kDouble));
  at::parallel_for(0, 2 * work.images, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      kernels::column_sums(
          {per_image, out},
          tiles.const_data_ptr<float>() + (size(i / 2) * per_image * 2 + size(i % 2)) * row,
          2 * row, sums.data_ptr<double>() + size(i) * out);
  });
  return sums;
}

Tensor winograd_conv(const WinogradSource& source, const Tensor& weight,
                     const WinogradAddends& addends) {
  const Work work(source, weight.size(0));
  Tensor of_tiles;
  if (moments_wanted())
    of_tiles = floats(kernels::winograd_moments_size(work.shape, size(work.tiles)), weight);
  Tensor y = at::empty({work.images, weight.size(0), static_cast<int64_t>(work.shape.height),
                        static_cast<int64_t>(work.shape.width)},
                       source.parts[0].options().requires_grad(false), kLayout);
  convolve(work, weight, false,
           {.y = y.data_ptr<float>(),
            .bias = data_or_null(addends.bias),
            .image_bias = data_or_null(addends.image_bias_bk),
            .addend = data_or_null(addends.addend_bchw),
            .streamed = y.numel() >= kStreamedTiles,
            .moments = of_tiles.defined() ? of_tiles.data_ptr<float>() : nullptr});
  if (of_tiles.defined()) note_moments(y, moments_of_tiles(work, of_tiles));
  return y;
}

Tensor winograd_input_grad(const Tensor& grad_y, const Tensor& weight, bool halved) {
  const Work work({.parts = {grad_y}}, weight.size(1), WinogradPass::kConvolution, halved);
  const int64_t factor = halved ? 2 : 1;
  Tensor grad_x =
      at::empty({work.images, weight.size(1), grad_y.size(2) / factor, grad_y.size(3) / factor},
                grad_y.options(), kLayout);
  convolve(work, weight, true,
           {.y = grad_x.data_ptr<float>(),
            .halved = halved,
            .streamed = grad_x.numel() >= kStreamedTiles});
  return grad_x;
}

NormedGrad winograd_normed_grad(const Tensor& grad_y, const Tensor& weight,
                                const WinogradSource& read, const Tensor& means_bc) {
  const Work work({.parts = {grad_y}}, weight.size(1));
  const Tensor grad_z = at::empty({work.images, weight.size(1), grad_y.size(2), grad_y.size(3)},
                                  grad_y.options(), kLayout);
  const Tensor of_tiles =
      floats(kernels::winograd_moments_size(work.shape, size(work.tiles)), weight);
  const kernels::ConvBehind behind = {input_of(read), means_bc.const_data_ptr<float>(),
                                      of_tiles.data_ptr<float>()};
  convolve(work, weight, true,
           {.y = grad_z.data_ptr<float>(),
            .streamed = grad_z.numel() >= kStreamedTiles,
            .behind = &behind});
  return {grad_z, sums_of_tiles(work, of_tiles)};
}

Tensor winograd_weight_grad(const WinogradSource& source, const Tensor& grad_y) {
  const Work work(source, grad_y.size(1), WinogradPass::kWeightGrad);
  Tensor grad = at::empty({grad_y.size(1), source.channels(), 3, 3}, grad_y.options());
  const bool own =
      kernels::winograd_tasks(work.shape) * kernels::winograd_task_floats(work.shape) <=
      kMostOwnSums;
  (own ? own_sums : shared_sums)(work, grad_y.const_data_ptr<float>(), grad_y,
                                 grad.data_ptr<float>());
  return grad;
}

}  // namespace mezzotint::ops
