#include "mezzotint/models/fir.h"

#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/tensor.h>

namespace mezzotint {
namespace {

/// One 4 x 4 filter a channel, whose elements sum to `gain`: [C, 1, 4, 4].
Tensor depthwise_filter(const Tensor& like, double gain) {
  const Tensor taps = at::tensor({1.0f, 3.0f, 3.0f, 1.0f}, like.options().requires_grad(false));
  const Tensor filter = at::outer(taps, taps) * (gain / 64);
  return filter.expand({like.size(1), 1, 4, 4});
}

}  // namespace

Tensor fir_halve(const Tensor& x_bchw) {
  return at::conv2d(x_bchw, depthwise_filter(x_bchw, 1), {}, {2, 2}, {1, 1}, {1, 1},
                    x_bchw.size(1));
}

Tensor fir_double(const Tensor& x_bchw) {
  // Three of four inputs of the filter are the zeros between the pixels, hence the gain.
  return at::conv_transpose2d(x_bchw, depthwise_filter(x_bchw, 4), {}, {2, 2}, {1, 1}, {0, 0},
                              x_bchw.size(1));
}

}  // namespace mezzotint
