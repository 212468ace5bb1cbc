#include "mezzotint/ops/conv2d.h"

#include <algorithm>
#include <optional>

#include <ATen/Parallel.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mezzotint/kernels/winograd.h"

namespace mezzotint::ops {
namespace {

using kernels::kWinogradBlock;
using kernels::WinogradShape;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Below this many channels the vectors are half empty; below this many tiles transforming the
/// filter isn't repaid.
constexpr int64_t kFewestChannels = 16;
constexpr int64_t kFewestTiles = 32;

WinogradShape shape_of(const Tensor& x, int64_t out_channels) {
  return {static_cast<size_t>(x.size(2)), static_cast<size_t>(x.size(3)),
          static_cast<size_t>(x.size(1)), static_cast<size_t>(out_channels)};
}

int64_t tile_count(const Tensor& x, const WinogradShape& shape) {
  return x.size(0) * static_cast<int64_t>(shape.tiles_per_image());
}

Tensor floats(size_t count, const Tensor& like) {
  return at::empty({static_cast<int64_t>(count)}, like.options());
}

/// x [B, in, H, W] in channels_last, taps [3, 3, in, out] contiguous.
Tensor winograd(const Tensor& x, const Tensor& taps, const Tensor& bias) {
  const WinogradShape shape = shape_of(x, taps.size(3));
  const Tensor filter = floats(kernels::winograd_filter_size(shape), x);
  kernels::winograd_filter(shape, taps.const_data_ptr<float>(), filter.data_ptr<float>());
  Tensor y = at::empty({x.size(0), taps.size(3), x.size(2), x.size(3)}, x.options(),
                       at::MemoryFormat::ChannelsLast);
  const float* bias_data = bias.defined() ? bias.const_data_ptr<float>() : nullptr;
  const int64_t tiles = tile_count(x, shape), block = kWinogradBlock;
  at::parallel_for(0, (tiles + block - 1) / block, 1, [&](int64_t begin, int64_t end) {
    const Tensor scratch = floats(kernels::winograd_scratch_size(shape), x);
    kernels::winograd_forward(shape, x.const_data_ptr<float>(), filter.const_data_ptr<float>(),
                              bias_data, static_cast<size_t>(begin * block),
                              static_cast<size_t>(std::min(end * block, tiles)),
                              scratch.data_ptr<float>(), y.data_ptr<float>());
  });
  return y;
}

/// The gradient of a [out, in, 3, 3] weight. One accumulator a thread, added in their order: the
/// same bits every time.
Tensor winograd_weight_grad(const Tensor& x, const Tensor& grad_y) {
  const WinogradShape shape = shape_of(x, grad_y.size(1));
  const int64_t tiles = tile_count(x, shape), block = kWinogradBlock,
                blocks = (tiles + block - 1) / block;
  const int64_t parts = std::min<int64_t>(at::get_num_threads(), blocks);
  Tensor sums =
      at::zeros({parts, static_cast<int64_t>(kernels::winograd_sums_size(shape))}, x.options());
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    const Tensor scratch = floats(kernels::winograd_scratch_size(shape), x);
    for (int64_t part = begin; part < end; ++part)
      kernels::winograd_weight_sums(
          shape, x.const_data_ptr<float>(), grad_y.const_data_ptr<float>(),
          static_cast<size_t>(blocks * part / parts * block),
          static_cast<size_t>(std::min(blocks * (part + 1) / parts * block, tiles)),
          scratch.data_ptr<float>(), sums.data_ptr<float>() + part * sums.size(1));
  });
  const Tensor total = parts == 1 ? sums : sums.sum(0);
  Tensor taps = at::empty({3, 3, x.size(1), grad_y.size(1)}, x.options());
  kernels::winograd_weight_grad(shape, total.const_data_ptr<float>(), taps.data_ptr<float>());
  return taps.permute({3, 2, 0, 1});
}

struct WinogradFunction : torch::autograd::Function<WinogradFunction> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x_any, const Tensor& weight,
                        const std::optional<Tensor>& bias) {
    const Tensor x = x_any.contiguous(at::MemoryFormat::ChannelsLast);
    ctx->save_for_backward({x, weight});
    ctx->saved_data["bias"] = bias.has_value();
    return winograd(x, weight.permute({2, 3, 1, 0}).contiguous(), bias.value_or(Tensor()));
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1];
    const Tensor grad_y = grads[0].contiguous(at::MemoryFormat::ChannelsLast);
    Tensor grad_x, grad_weight, grad_bias;
    // The input's gradient is the same convolution with the filter turned half around and its
    // channels swapped.
    if (ctx->needs_input_grad(0)) {
      const Tensor turned = weight.flip({2, 3}).permute({2, 3, 0, 1}).contiguous();
      grad_x = winograd(grad_y, turned, Tensor());
    }
    if (ctx->needs_input_grad(1)) grad_weight = winograd_weight_grad(x, grad_y);
    if (ctx->saved_data["bias"].toBool() && ctx->needs_input_grad(2))
      grad_bias = grad_y.sum({0, 2, 3});
    return {grad_x, grad_weight, grad_bias};
  }
};

bool suits_winograd(const Tensor& x, const Tensor& weight, int64_t stride, int64_t padding) {
  if (stride != 1 || padding != 1 || x.dim() != 4 || weight.size(2) != 3 || weight.size(3) != 3)
    return false;
  if (!x.is_cpu() || x.scalar_type() != at::kFloat || weight.scalar_type() != at::kFloat)
    return false;
  if (x.size(1) != weight.size(1) || std::min(weight.size(0), weight.size(1)) < kFewestChannels)
    return false;
  return tile_count(x, shape_of(x, weight.size(0))) >= kFewestTiles;
}

}  // namespace

Tensor conv2d(const Tensor& x_bchw, const Tensor& weight, const Tensor& bias, int64_t stride,
              int64_t padding) {
  const auto bias_or_none = bias.defined() ? std::optional<Tensor>(bias) : std::nullopt;
  if (suits_winograd(x_bchw, weight, stride, padding))
    return WinogradFunction::apply(x_bchw, weight, bias_or_none);
  return at::conv2d(x_bchw, weight, bias_or_none, stride, padding);
}

}  // namespace mezzotint::ops
