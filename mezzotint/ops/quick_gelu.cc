#include "mezzotint/ops/quick_gelu.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/sigmoid.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mezzotint/kernels/quick_gelu.h"
#include "mezzotint/ops/engine.h"

namespace mezzotint::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Elements that are worth a thread.
constexpr int64_t kGrain = 1 << 13;

/// Calls body(first element, number of elements) from all threads.
template <class Body>
void for_elements(const Tensor& x, const Body& body) {
  at::parallel_for(0, x.numel(), kGrain, [&](int64_t begin, int64_t end) {
    body(begin, static_cast<size_t>(end - begin));
  });
}

struct QuickGeluFunction : torch::autograd::Function<QuickGeluFunction> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x_any) {
    const Tensor x = x_any.contiguous();
    Tensor y = at::empty_like(x);
    for_elements(x, [&](int64_t first, size_t count) {
      kernels::quick_gelu(x.const_data_ptr<float>() + first, count, y.data_ptr<float>() + first);
    });
    ctx->save_for_backward({x});
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const Tensor x = ctx->get_saved_variables()[0], grad_y = grads[0].contiguous();
    Tensor grad_x = at::empty_like(x);
    for_elements(x, [&](int64_t first, size_t count) {
      kernels::quick_gelu_backward(x.const_data_ptr<float>() + first,
                                   grad_y.const_data_ptr<float>() + first, count,
                                   grad_x.data_ptr<float>() + first);
    });
    return {grad_x};
  }
};

}  // namespace

Tensor quick_gelu(const Tensor& x) {
  if (engine() == Engine::kFast && x.is_cpu() && x.scalar_type() == at::kFloat)
    return QuickGeluFunction::apply(x);
  return x * at::sigmoid(1.702 * x);
}

}  // namespace mezzotint::ops
