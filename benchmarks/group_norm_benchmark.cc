#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/ops/group_norm.h"

#include "benchmarks/op.h"

namespace mezzotint::benchmarks {
namespace {

struct Shape {
  int64_t batch, channels, pixels;

  double bytes() const { return 4.0 * static_cast<double>(batch * channels * pixels * pixels); }
  std::string words() const { return concat("c:", channels, "/px:", pixels, "/n:", batch); }
};

/// GroupNorm of 32 groups, then SiLU.
Tensor run(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return ops::group_norm(x, 32, weight, bias, 1e-5, /*silu=*/true);
}

void add(const Shape& shape) {
  const auto tensors = [shape](bool grad) {
    RandomStream stream(0);
    const Tensor x = stream.randn({shape.batch, shape.channels, shape.pixels, shape.pixels})
                         .contiguous(at::MemoryFormat::ChannelsLast);
    std::vector<Tensor> all = {x, stream.randn({shape.channels}), stream.randn({shape.channels})};
    for (const Tensor& tensor : all) tensor.requires_grad_(grad);
    return all;
  };
  register_op("group_norm_silu_forward", shape.words(), {0, 2 * shape.bytes()}, [tensors] {
    return [t = tensors(false)] {
      const c10::NoGradGuard no_grad;
      run(t[0], t[1], t[2]);
    };
  });
  register_op("group_norm_silu_backward", shape.words(), {0, 3 * shape.bytes()}, [tensors] {
    const std::vector<Tensor> t = tensors(true);
    const Tensor y = run(t[0], t[1], t[2]), grad_y = y.detach().clone();
    return [t, y, grad_y] { torch::autograd::grad({y}, t, {grad_y}, /*retain_graph=*/true); };
  });
}

}  // namespace

void register_group_norm() {
  for (const Shape& shape : {Shape{1, 128, 256}, Shape{1, 128, 128}, Shape{1, 256, 64},
                             Shape{1, 512, 16}, Shape{128, 32, 28}, Shape{128, 64, 14}})
    add(shape);
}

}  // namespace mezzotint::benchmarks
