#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/ops/conv2d.h"
#include "mezzotint/ops/halving_conv.h"

#include "benchmarks/op.h"

namespace mezzotint::benchmarks {
namespace {

struct Conv {
  int64_t batch, channels, pixels;
  int64_t kernel = 3, stride = 1;

  int64_t padding() const { return kernel / 2; }
  int64_t out_pixels() const { return (pixels + stride - 1) / stride; }
  double flops() const {
    return 2.0 * static_cast<double>(batch * out_pixels() * out_pixels() * channels * channels *
                                     kernel * kernel);
  }
  /// Input, output and weight, or their gradients: three tensors in each of the three passes.
  double bytes() const {
    const int64_t floats = batch * channels * (pixels * pixels + out_pixels() * out_pixels()) +
                           channels * channels * kernel * kernel;
    return 4.0 * static_cast<double>(floats);
  }
  std::string shape() const { return concat("c:", channels, "/px:", pixels, "/n:", batch); }
};

struct Tensors {
  Tensor x, weight, bias;
};

Tensors tensors_of(const Conv& conv) {
  RandomStream stream(0);
  const Tensor x = stream.randn({conv.batch, conv.channels, conv.pixels, conv.pixels});
  // Weights lie as the networks hold them, whichever engine reads them.
  return {x.contiguous(at::MemoryFormat::ChannelsLast),
          stream.randn({conv.channels, conv.channels, conv.kernel, conv.kernel}),
          stream.randn({conv.channels})};
}

Tensor run(const Conv& conv, const Tensors& t) {
  if (conv.stride == 2)
    return ops::halving_conv(t.x, t.weight, t.bias, ops::HalvingPad::kEverySide);
  return ops::conv2d(t.x, t.weight, t.bias, conv.stride, conv.padding());
}

Prepare forward(const Conv& conv) {
  return [conv] {
    return [conv, t = tensors_of(conv)] {
      const c10::NoGradGuard no_grad;
      run(conv, t);
    };
  };
}

/// The backward pass alone, to one of the inputs.
Prepare backward(const Conv& conv, Tensor Tensors::*wanted) {
  return [conv, wanted] {
    Tensors t = tensors_of(conv);
    (t.*wanted).requires_grad_();
    const Tensor y = run(conv, t), grad_y = y.detach().clone();
    return [input = t.*wanted, y, grad_y] {
      torch::autograd::grad({y}, {input}, {grad_y}, /*retain_graph=*/true);
    };
  };
}

void add(const std::string& name, const Conv& conv) {
  const Work work{conv.flops(), conv.bytes()};
  register_op(name + "_forward", conv.shape(), work, forward(conv));
  register_op(name + "_input_grad", conv.shape(), work, backward(conv, &Tensors::x));
  register_op(name + "_weight_grad", conv.shape(), work, backward(conv, &Tensors::weight));
}

}  // namespace

void register_conv2d() {
  constexpr double kMostFlops = 20e9;  // what a layer of the 256 pixel network has at most
  for (const int64_t channels : {32, 64, 128, 256, 512})
    for (const int64_t pixels : {8, 16, 32, 64, 128, 256})
      if (const Conv conv{1, channels, pixels}; conv.flops() < kMostFlops) add("conv3x3", conv);
  // The course's digit network.
  for (const Conv& conv : {Conv{128, 32, 28}, Conv{128, 64, 14}, Conv{128, 64, 7}})
    add("conv3x3", conv);
  for (const auto& [channels, pixels] :
       {std::pair<int64_t, int64_t>(128, 128), {256, 64}, {512, 16}, {512, 8}}) {
    add("conv1x1", {1, channels, pixels, 1});
    add("conv3x3_stride2", {1, channels, 2 * pixels, 3, 2});
  }
}

}  // namespace mezzotint::benchmarks
