#include "mezzotint/ops/attention.h"

#include <algorithm>

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mezzotint/kernels/attention.h"
#include "mezzotint/ops/engine.h"

namespace mezzotint::ops {
namespace {

using kernels::AttentionSaved;
using kernels::AttentionShape;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Queries of the narrowest block: whole vectors on every machine.
constexpr int64_t kNarrowBlock = 16;

size_t size(int64_t value) { return static_cast<size_t>(value); }

/// The heads of a batch, and how their queries are shared out.
struct Heads {
  Heads(const Tensor& q_bnc, int64_t heads_per_image)
      : tokens(q_bnc.size(1)),
        channels(q_bnc.size(2)),
        per_image(heads_per_image),
        count(q_bnc.size(0) * heads_per_image),
        options(q_bnc.options().requires_grad(false)) {}

  AttentionShape shape() const {
    return {size(tokens), size(channels / per_image), size(channels)};
  }
  /// Floats before the first of a head.
  int64_t offset(int64_t head) const {
    return head / per_image * tokens * channels + head % per_image * (channels / per_image);
  }
  Tensor floats(size_t number) const { return at::empty({static_cast<int64_t>(number)}, options); }

  int64_t tokens, channels, per_image, count;
  at::TensorOptions options;
};

/// Calls body(head, first query, last query, scratch) for all queries of all heads, in blocks:
/// whole ones, or narrower so that each thread has one.
template <class Body>
void for_query_blocks(const Heads& heads, const Body& body) {
  const int64_t share = heads.count * heads.tokens / at::get_num_threads();
  const int64_t block = std::clamp(share / kNarrowBlock * kNarrowBlock, kNarrowBlock,
                                   static_cast<int64_t>(kernels::kAttentionBlock));
  const int64_t blocks = (heads.tokens + block - 1) / block;
  at::parallel_for(0, heads.count * blocks, 1, [&](int64_t begin, int64_t end) {
    const Tensor scratch = heads.floats(kernels::attention_scratch_size(heads.shape()));
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i % blocks * block;
      body(i / blocks, first, std::min(first + block, heads.tokens), scratch.data_ptr<float>());
    }
  });
}

/// One head of the tensors that the backward pass reads and writes.
struct GradWork {
  AttentionSaved saved;
  float *grad_q, *grad_k, *grad_v;

  GradWork at(const Heads& heads, int64_t head) const {
    const int64_t to = heads.offset(head);
    return {{saved.q + to, saved.k + to, saved.v + to, saved.out + to,
             saved.log_sums + head * heads.tokens, saved.grad_out + to},
            grad_q + to,
            grad_k + to,
            grad_v + to};
  }
};

/// A head to a thread.
void whole_heads(const Heads& heads, const GradWork& work) {
  const AttentionShape shape = heads.shape();
  const size_t tokens = shape.tokens;
  at::parallel_for(0, heads.count, 1, [&](int64_t begin, int64_t end) {
    const Tensor scratch = heads.floats(kernels::attention_grad_scratch_size(shape)),
                 sums = heads.floats(kernels::attention_sums_size(shape));
    auto* to = sums.data_ptr<float>();
    for (int64_t head = begin; head < end; ++head) {
      const GradWork own = work.at(heads, head);
      std::fill_n(to, sums.numel(), 0.0f);
      kernels::attention_backward(shape, own.saved, 0, tokens, own.grad_q, to,
                                  scratch.data_ptr<float>());
      kernels::attention_key_grads(shape, to, 1, 0, tokens, own.grad_k, own.grad_v);
    }
  });
}

/// Fewer heads than threads: each head's queries are shared out in `parts`, whose sums over queries
/// are added in their order.
void shared_heads(const Heads& heads, int64_t parts, const GradWork& work) {
  const AttentionShape shape = heads.shape();
  const auto floats = static_cast<int64_t>(kernels::attention_sums_size(shape));
  const Tensor sums = at::zeros({heads.count, parts, floats}, heads.options);
  const auto range = [&](int64_t part) {  // whole vectors
    return std::min((heads.tokens * part / parts + kNarrowBlock - 1) / kNarrowBlock * kNarrowBlock,
                    heads.tokens);
  };
  at::parallel_for(0, heads.count * parts, 1, [&](int64_t begin, int64_t end) {
    const Tensor scratch = heads.floats(kernels::attention_grad_scratch_size(shape));
    for (int64_t i = begin; i < end; ++i) {
      const GradWork own = work.at(heads, i / parts);
      kernels::attention_backward(shape, own.saved, size(range(i % parts)),
                                  size(range(i % parts + 1)), own.grad_q,
                                  sums.data_ptr<float>() + i * floats, scratch.data_ptr<float>());
    }
  });
  at::parallel_for(0, heads.count * heads.tokens, 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end;) {
      const int64_t head = i / heads.tokens, first = i % heads.tokens,
                    last = std::min(heads.tokens, first + end - i);
      const GradWork own = work.at(heads, head);
      kernels::attention_key_grads(shape, sums.const_data_ptr<float>() + head * parts * floats,
                                   size(parts), size(first), size(last), own.grad_k, own.grad_v);
      i += last - first;
    }
  });
}

struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static Tensor forward(AutogradContext* ctx, const Tensor& q_any, const Tensor& k_any,
                        const Tensor& v_any, int64_t heads_per_image) {
    const Tensor q = q_any.contiguous(), k = k_any.contiguous(), v = v_any.contiguous();
    const Heads heads(q, heads_per_image);
    Tensor out = at::empty_like(q), log_sums = at::empty({heads.count, heads.tokens}, q.options());
    for_query_blocks(heads, [&](int64_t head, int64_t first, int64_t last, float* scratch) {
      const int64_t at = heads.offset(head);
      kernels::attention_forward(heads.shape(), q.const_data_ptr<float>() + at,
                                 k.const_data_ptr<float>() + at, v.const_data_ptr<float>() + at,
                                 size(first), size(last), out.data_ptr<float>() + at,
                                 log_sums.data_ptr<float>() + head * heads.tokens, scratch);
    });
    ctx->save_for_backward({q, k, v, out, log_sums});
    ctx->saved_data["heads"] = heads_per_image;
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &q = saved[0], &k = saved[1], &v = saved[2], &out = saved[3], &log_sums = saved[4];
    const Heads heads(q, ctx->saved_data["heads"].toInt());
    const Tensor grad_out = grads[0].contiguous();
    Tensor grad_q = at::empty_like(q), grad_k = at::empty_like(k), grad_v = at::empty_like(v);
    const GradWork work{{q.const_data_ptr<float>(), k.const_data_ptr<float>(),
                         v.const_data_ptr<float>(), out.const_data_ptr<float>(),
                         log_sums.const_data_ptr<float>(), grad_out.const_data_ptr<float>()},
                        grad_q.data_ptr<float>(),
                        grad_k.data_ptr<float>(),
                        grad_v.data_ptr<float>()};
    const int64_t threads = at::get_num_threads(),
                  most = (heads.tokens + kNarrowBlock - 1) / kNarrowBlock,
                  parts = std::min((threads + heads.count - 1) / heads.count, most);
    if (parts == 1)
      whole_heads(heads, work);
    else
      shared_heads(heads, parts, work);
    return {grad_q, grad_k, grad_v, Tensor()};
  }
};

bool suits_kernel(const Tensor& q, const Tensor& k, const Tensor& v) {
  const auto floats = [](const Tensor& x) { return x.is_cpu() && x.scalar_type() == at::kFloat; };
  return engine() == Engine::kFast && floats(q) && floats(k) && floats(v) && q.numel() > 0 &&
         q.sizes() == k.sizes() && q.sizes() == v.sizes();
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
  if (suits_kernel(q_bnc, k_bnc, v_bnc))
    return AttentionFunction::apply(q_bnc, k_bnc, v_bnc, heads);
  return libtorch_attention(q_bnc, k_bnc, v_bnc, heads);
}

}  // namespace mezzotint::ops
