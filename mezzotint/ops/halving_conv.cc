#include "mezzotint/ops/halving_conv.h"

#include <algorithm>
#include <optional>

#include <ATen/Parallel.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mezzotint/kernels/tap_conv.h"
#include "mezzotint/kernels/tap_weights.h"
#include "mezzotint/ops/engine.h"
#include "mezzotint/ops/normalization.h"
#include "mezzotint/ops/pointwise.h"
#include "mezzotint/ops/shared_sums.h"

namespace mezzotint::ops {
namespace {

using kernels::TapConv;
using kernels::TapWeights;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using OptionalTensor = std::optional<Tensor>;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;

/// Pixels that a thread takes at a time.
constexpr int64_t kPixelGrain = 12;

size_t size(int64_t value) { return static_cast<size_t>(value); }

Tensor floats(size_t count, const Tensor& like) {
  return at::empty({static_cast<int64_t>(count)}, like.options().requires_grad(false));
}

/// Rows and columns of zeros above and to the left.
ptrdiff_t before(HalvingPad pad) { return pad == HalvingPad::kEverySide ? 1 : 0; }

int64_t halved(int64_t length, HalvingPad pad) { return (length + before(pad)) / 2; }

TapWeights all_taps(const Tensor& weight) {
  TapWeights weights{size(weight.size(0)), size(weight.size(1)), 9, 9};
  for (size_t t = 0; t < 9; ++t) weights.chosen[t] = t;
  return weights;
}

TapConv forward_conv(const Tensor& x, int64_t out, HalvingPad pad) {
  TapConv conv;
  conv.height = size(x.size(2));
  conv.width = size(x.size(3));
  conv.channels = size(x.size(1));
  conv.step = 2;
  conv.taps = 9;
  for (ptrdiff_t t = 0; t < 9; ++t) conv.tap[t] = {t / 3 - before(pad), t % 3 - before(pad)};
  conv.grid_height = conv.out_height = size(halved(x.size(2), pad));
  conv.grid_width = conv.out_width = size(halved(x.size(3), pad));
  conv.out_channels = size(out);
  return conv;
}

/// The pixels of x whose row and column have these parities, as a convolution of grad_y, and the
/// taps that reach them: pixel 2 r + row reads grad_y at r + tap.row.
struct Parity {
  Parity(const TapConv& forward, ptrdiff_t row, ptrdiff_t column) {
    conv.height = forward.grid_height;
    conv.width = forward.grid_width;
    conv.channels = forward.out_channels;
    conv.grid_height = (forward.height + 1 - size(row)) / 2;
    conv.grid_width = (forward.width + 1 - size(column)) / 2;
    conv.out_height = forward.height;
    conv.out_width = forward.width;
    conv.out_channels = forward.channels;
    conv.out_step = 2;
    conv.out_row = size(row);
    conv.out_column = size(column);
    weights = {forward.out_channels, forward.channels, 9};
    for (size_t t = 0; t < 9; ++t) {
      // Output pixel o read x at 2 o + tap, so this pixel is under it where 2 o = 2 r + row - tap.
      const ptrdiff_t down = row - forward.tap[t].row, right = column - forward.tap[t].column;
      if (down % 2 != 0 || right % 2 != 0) continue;
      conv.tap[conv.taps++] = {down / 2, right / 2};
      weights.chosen[weights.chosen_count++] = t;
    }
  }
  TapConv conv;
  TapWeights weights;
};

using PackPanels = void (*)(const TapWeights&, const float*, size_t, size_t, float*);

Tensor packed(const TapWeights& weights, const kernels::MatmulShape& shape, const Tensor& weight,
              PackPanels pack) {
  const Tensor panels = floats(kernels::matmul_packed_size(shape), weight);
  at::parallel_for(0, static_cast<int64_t>(kernels::matmul_panels(shape)), 1,
                   [&](int64_t begin, int64_t end) {
                     pack(weights, weight.const_data_ptr<float>(), size(begin), size(end),
                          panels.data_ptr<float>());
                   });
  return panels;
}

void convolve(const TapConv& conv, const Tensor& x, const Tensor& panels,
              const OptionalTensor& bias, Tensor& y) {
  const int64_t pixels = x.size(0) * static_cast<int64_t>(conv.grid_pixels());
  at::parallel_for(0, (pixels + kPixelGrain - 1) / kPixelGrain, 1, [&](int64_t begin, int64_t end) {
    const Tensor scratch = floats(kernels::tap_conv_scratch_size(conv), x);
    kernels::tap_conv(conv, x.const_data_ptr<float>(), panels.const_data_ptr<float>(),
                      bias ? bias->const_data_ptr<float>() : nullptr, size(begin * kPixelGrain),
                      size(std::min(end * kPixelGrain, pixels)), scratch.data_ptr<float>(),
                      y.data_ptr<float>());
  });
}

Tensor input_grad(const TapConv& forward, const Tensor& x, const Tensor& weight,
                  const Tensor& grad_y) {
  Tensor grad_x = at::empty_like(x);
  for (const ptrdiff_t row : {0, 1})
    for (const ptrdiff_t column : {0, 1}) {
      const Parity parity(forward, row, column);
      if (parity.conv.grid_pixels() == 0) continue;
      const Tensor panels = packed(parity.weights, tap_weights_grad_shape(parity.weights), weight,
                                   kernels::tap_weights_pack_grad);
      convolve(parity.conv, grad_y, panels, std::nullopt, grad_x);
    }
  return grad_x;
}

Tensor weight_grad(const TapConv& conv, const Tensor& x, const Tensor& weight,
                   const Tensor& grad_y) {
  const int64_t out = weight.size(0);
  const SharedSums shares(x.size(0) * static_cast<int64_t>(conv.grid_pixels()), out);
  const auto step = static_cast<int64_t>(kernels::tap_conv_sums_step(conv));
  const Tensor sums = at::zeros({shares.parts, out, 9, step}, x.options().requires_grad(false));
  shares.for_each([&] { return floats(kernels::tap_conv_sums_scratch_size(conv), x); },
                  [&](const SharedSums::Share& share, const Tensor& scratch) {
                    kernels::tap_conv_row_sums(
                        conv, x.const_data_ptr<float>(),
                        grad_y.const_data_ptr<float>() + share.first_out, size(out),
                        size(share.last_out - share.first_out), size(share.first_row),
                        size(share.last_row), scratch.data_ptr<float>(),
                        sums.data_ptr<float>() + (share.part * out + share.first_out) * 9 * step);
                  });
  Tensor grad = at::empty(weight.sizes(), sums.options());
  at::parallel_for(0, out, 8, [&](int64_t begin, int64_t end) {
    kernels::tap_weights_grad(all_taps(weight), sums.const_data_ptr<float>(), size(step),
                              size(shares.parts), size(begin), size(end), grad.data_ptr<float>());
  });
  return grad;
}

struct HalvingConvFunction : torch::autograd::Function<HalvingConvFunction> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight,
                        const OptionalTensor& bias, HalvingPad pad) {
    ctx->save_for_backward({x, weight});
    ctx->saved_data["pad"] = static_cast<int64_t>(pad);
    ctx->saved_data["bias"] = bias.has_value();
    const TapConv conv = forward_conv(x, weight.size(0), pad);
    const TapWeights weights = all_taps(weight);
    const Tensor panels =
        packed(weights, tap_weights_shape(weights), weight, kernels::tap_weights_pack);
    Tensor y = at::empty({x.size(0), weight.size(0), static_cast<int64_t>(conv.grid_height),
                          static_cast<int64_t>(conv.grid_width)},
                         x.options().requires_grad(false), kLayout);
    convolve(conv, x, panels, bias, y);
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1];
    const TapConv conv =
        forward_conv(x, weight.size(0), static_cast<HalvingPad>(ctx->saved_data["pad"].toInt()));
    const Tensor grad_y = grads[0].contiguous(kLayout);
    Tensor grad_x, grad_weight, grad_bias;
    if (ctx->needs_input_grad(0)) grad_x = input_grad(conv, x, weight, grad_y);
    if (ctx->needs_input_grad(1)) grad_weight = weight_grad(conv, x, weight, grad_y);
    if (ctx->saved_data["bias"].toBool() && ctx->needs_input_grad(2))
      grad_bias = pixel_sums(grad_y).sum(0);
    return {grad_x, grad_weight, grad_bias, Tensor()};
  }
};

bool suits_kernel(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const auto floats = [](const Tensor& t) {
    return !t.defined() || (t.is_cpu() && t.scalar_type() == at::kFloat);
  };
  return engine() == Engine::kFast && floats(x) && floats(weight) && floats(bias) && x.dim() == 4 &&
         x.size(2) > 1 && x.size(3) > 1 && x.numel() > 0 &&
         weight.sizes() == at::IntArrayRef({weight.size(0), x.size(1), 3, 3}) &&
         (!bias.defined() || bias.sizes() == at::IntArrayRef({weight.size(0)}));
}

}  // namespace

Tensor halving_conv(const Tensor& x_bchw, const Tensor& weight, const Tensor& bias, HalvingPad pad,
                    const LowRank& change) {
  if (change.defined())
    return pointwise({.parts = {halving_conv(x_bchw, change.a, {}, pad)},
                      .weight = change.scaled_b(),
                      .addend_bchw = halving_conv(x_bchw, weight, bias, pad)});
  const OptionalTensor bias_or_none = bias.defined() ? OptionalTensor(bias) : std::nullopt;
  if (suits_kernel(x_bchw, weight, bias))
    return HalvingConvFunction::apply(x_bchw.contiguous(kLayout), weight.contiguous(), bias_or_none,
                                      pad);
  const bool every_side = pad == HalvingPad::kEverySide;
  return at::conv2d(every_side ? x_bchw : at::constant_pad_nd(x_bchw, {0, 1, 0, 1}, 0), weight,
                    bias_or_none, 2, every_side ? 1 : 0);
}

}  // namespace mezzotint::ops
