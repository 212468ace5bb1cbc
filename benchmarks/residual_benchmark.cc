#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/ops/conv3x3.h"

#include "benchmarks/op.h"

namespace mezzotint::benchmarks {
namespace {

/// Half of a residual block: conv(silu(norm(x))) + bias + addend.
struct Shape {
  int64_t batch, channels, pixels;

  double flops() const { return 18.0 * bytes() / 4 * static_cast<double>(channels); }
  /// Of x, the addend or the result.
  double bytes() const { return 4.0 * static_cast<double>(batch * channels * pixels * pixels); }
  double weight_bytes() const { return 36.0 * static_cast<double>(channels * channels); }
  std::string words() const { return concat("c:", channels, "/px:", pixels, "/n:", batch); }
};

ops::Conv3x3 work_of(const Shape& shape, bool grad) {
  RandomStream stream(0);
  const auto picture = [&] {
    return stream.randn({shape.batch, shape.channels, shape.pixels, shape.pixels})
        .contiguous(at::MemoryFormat::ChannelsLast)
        .requires_grad_(grad);
  };
  const auto row = [&] { return stream.randn({shape.channels}).requires_grad_(grad); };
  ops::Conv3x3 work;
  work.parts = {picture()};
  work.addend_bchw = picture();
  work.norm = {.weight = row(), .bias = row(), .groups = 32, .silu = true};
  work.weight = stream.randn({shape.channels, shape.channels, 3, 3})
                    .contiguous(at::MemoryFormat::ChannelsLast)
                    .requires_grad_(grad);
  work.bias = row();
  return work;
}

/// Forward: x, the addend and the weight are read, the result written. Backward: x, the weight and
/// the result's gradient, which is the addend's, are read; gradients of x and the weight written.
void add(const Shape& shape) {
  register_op("residual_forward", shape.words(),
              {shape.flops(), 3 * shape.bytes() + shape.weight_bytes()}, [shape] {
                return [work = work_of(shape, false)] {
                  const c10::NoGradGuard no_grad;
                  ops::conv3x3(work);
                };
              });
  register_op("residual_backward", shape.words(),
              {2 * shape.flops(), 3 * shape.bytes() + 2 * shape.weight_bytes()}, [shape] {
                const ops::Conv3x3 work = work_of(shape, true);
                const Tensor y = ops::conv3x3(work), grad_y = y.detach().clone();
                const std::vector<Tensor> inputs = {work.parts[0],     work.addend_bchw,
                                                    work.weight,       work.bias,
                                                    work.norm->weight, work.norm->bias};
                return [inputs, y, grad_y] {
                  torch::autograd::grad({y}, inputs, {grad_y}, /*retain_graph=*/true);
                };
              });
}

}  // namespace

void register_residual() {
  for (const Shape& shape : {Shape{1, 128, 256}, Shape{1, 128, 128}, Shape{1, 256, 64},
                             Shape{1, 256, 32}, Shape{1, 512, 16}, Shape{1, 512, 8},
                             Shape{128, 32, 28}, Shape{128, 64, 14}, Shape{128, 64, 7}})
    add(shape);
}

}  // namespace mezzotint::benchmarks
