#include "mezzotint/ops/attention.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mezzotint/kernels/attention.h"
#include "mezzotint/ops/engine.h"

namespace mezzotint::ops {
namespace {

using kernels::AttentionShape;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kLargestHead = 64;
constexpr int64_t kMostTokens = 1024;

AttentionShape shape_of(const Tensor& q_bnc, int64_t heads) {
  const auto channels = static_cast<size_t>(q_bnc.size(2));
  return {static_cast<size_t>(q_bnc.size(1)), channels / static_cast<size_t>(heads), channels};
}

/// Calls body(first float of the head, index of the head in the batch, scratch) for each head of
/// each picture.
template <class Body>
void for_each_head(const Tensor& q_bnc, int64_t heads, const Body& body) {
  const AttentionShape shape = shape_of(q_bnc, heads);
  at::parallel_for(0, q_bnc.size(0) * heads, 1, [&](int64_t begin, int64_t end) {
    Tensor scratch =
        at::empty({static_cast<int64_t>(kernels::attention_scratch_size(shape))}, q_bnc.options());
    for (int64_t i = begin; i < end; ++i)
      body(i / heads * q_bnc.stride(0) + i % heads * static_cast<int64_t>(shape.head_size), i,
           scratch.data_ptr<float>());
  });
}

struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static Tensor forward(AutogradContext* ctx, const Tensor& q_any, const Tensor& k_any,
                        const Tensor& v_any, int64_t heads) {
    const Tensor q = q_any.contiguous(), k = k_any.contiguous(), v = v_any.contiguous();
    Tensor out = at::empty_like(q),
           log_sums = at::empty({q.size(0) * heads, q.size(1)}, q.options());
    for_each_head(q, heads, [&](int64_t at, int64_t head, float* scratch) {
      kernels::attention_forward(shape_of(q, heads), q.const_data_ptr<float>() + at,
                                 k.const_data_ptr<float>() + at, v.const_data_ptr<float>() + at,
                                 out.data_ptr<float>() + at,
                                 log_sums.data_ptr<float>() + head * q.size(1), scratch);
    });
    ctx->save_for_backward({q, k, v, out, log_sums});
    ctx->saved_data["heads"] = heads;
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &q = saved[0], &k = saved[1], &v = saved[2], &out = saved[3], &log_sums = saved[4];
    const int64_t heads = ctx->saved_data["heads"].toInt();
    const Tensor grad_out = grads[0].contiguous();
    Tensor grad_q = at::empty_like(q), grad_k = at::empty_like(k), grad_v = at::empty_like(v);
    for_each_head(q, heads, [&](int64_t at, int64_t head, float* scratch) {
      kernels::attention_backward(
          shape_of(q, heads), q.const_data_ptr<float>() + at, k.const_data_ptr<float>() + at,
          v.const_data_ptr<float>() + at, out.const_data_ptr<float>() + at,
          log_sums.const_data_ptr<float>() + head * q.size(1),
          grad_out.const_data_ptr<float>() + at, grad_q.data_ptr<float>() + at,
          grad_k.data_ptr<float>() + at, grad_v.data_ptr<float>() + at, scratch);
    });
    return {grad_q, grad_k, grad_v, Tensor()};
  }
};

bool suits_kernel(const Tensor& q, const Tensor& k, int64_t heads) {
  return engine() == Engine::kFast && q.is_cpu() && q.scalar_type() == at::kFloat &&
         q.sizes() == k.sizes() && q.size(2) / heads <= kLargestHead && q.size(1) <= kMostTokens;
}

Tensor libtorch_attention(const Tensor& q_bnc, const Tensor& k_bnc, const Tensor& v_bnc,
                          int64_t heads) {
  const auto split = [heads](const Tensor& x_bnc) {
    return x_bnc.reshape({x_bnc.size(0), x_bnc.size(1), heads, -1}).transpose(1, 2);
  };
  const Tensor out_bhnd =
      at::scaled_dot_product_attention(split(q_bnc), split(k_bnc), split(v_bnc));
  return out_bhnd.transpose(1, 2).reshape(q_bnc.sizes());
}

}  // namespace

Tensor attention(const Tensor& q_bnc, const Tensor& k_bnc, const Tensor& v_bnc, int64_t heads) {
  if (suits_kernel(q_bnc, k_bnc, heads))
    return AttentionFunction::apply(q_bnc, k_bnc, v_bnc, heads);
  return libtorch_attention(q_bnc, k_bnc, v_bnc, heads);
}

}  // namespace mezzotint::ops
