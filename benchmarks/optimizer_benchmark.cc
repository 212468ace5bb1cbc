#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/training/optimizer.h"

#include "benchmarks/op.h"

namespace mezzotint::benchmarks {
namespace {

/// Parameters of the given number, as many tensors, with gradients.
Weights parameters_of(int64_t tensors, int64_t floats) {
  RandomStream stream(0);
  Weights parameters;
  for (int64_t i = 0; i < tensors; ++i) {
    Tensor parameter = stream.randn({floats}).requires_grad_();
    parameter.mutable_grad() = stream.randn({floats});
    parameters.set(std::to_string(i), parameter);
  }
  return parameters;
}

/// An update as the trainer makes it: the gradients' norm, clipping, AdamW. Parameter, gradient and
/// two moments are read, and all but the gradient written; the norm and clipping as well may cost
/// further passes, which aren't counted.
void add(int64_t tensors, int64_t floats) {
  const double bytes = 7.0 * 4 * static_cast<double>(tensors * floats);
  register_op("adamw_clipped", concat("tensors:", tensors, "/floats:", floats), {0, bytes},
              [tensors, floats] {
                const Weights parameters = parameters_of(tensors, floats);
                const auto optimizer = std::make_shared<Optimizer>(TrainConfig(), parameters);
                return [parameters, optimizer] {
                  const double factor = clip_factor(gradient_norm(parameters), 1.0);
                  optimizer->step({.lr = 1e-5, .gradient_scale = factor});
                };
              });
}

}  // namespace

void register_optimizer() {
  add(100, 100'000);  // 10 million parameters, beyond the caches
  add(200, 8'000);    // about the course's digit network
}

}  // namespace mezzotint::benchmarks
