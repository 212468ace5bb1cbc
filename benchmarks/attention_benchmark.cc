#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/ops/attention.h"

#include "benchmarks/op.h"

namespace mezzotint::benchmarks {
namespace {

struct Shape {
  int64_t batch, tokens, heads, head_size;

  /// One product of a head's tokens with each other: Q K^T, say.
  double product() const {
    return 2.0 * static_cast<double>(batch * heads * tokens * tokens * head_size);
  }
  double bytes() const { return 4.0 * static_cast<double>(batch * tokens * heads * head_size); }
  std::string words() const {
    return concat("head:", head_size, "/tokens:", tokens, "/heads:", heads, "/n:", batch);
  }
};

std::vector<Tensor> tensors_of(const Shape& shape, bool grad) {
  RandomStream stream(0);
  std::vector<Tensor> qkv;
  for (int i = 0; i < 3; ++i)
    qkv.push_back(stream.randn({shape.batch, shape.tokens, shape.heads * shape.head_size})
                      .requires_grad_(grad));
  return qkv;
}

/// Forward: Q K^T and P V; q, k, v read and the output written. Backward: P again, dP, dV, dQ and
/// dK; q, k, v, the output and its gradient read, three gradients written.
void add(const Shape& shape) {
  register_op("attention_forward", shape.words(), {2 * shape.product(), 4 * shape.bytes()},
              [shape] {
                return [shape, t = tensors_of(shape, false)] {
                  const c10::NoGradGuard no_grad;
                  ops::attention(t[0], t[1], t[2], shape.heads);
                };
              });
  register_op(
      "attention_backward", shape.words(), {5 * shape.product(), 8 * shape.bytes()}, [shape] {
        const std::vector<Tensor> t = tensors_of(shape, true);
        const Tensor y = ops::attention(t[0], t[1], t[2], shape.heads), grad_y = y.detach().clone();
        return [t, y, grad_y] { torch::autograd::grad({y}, t, {grad_y}, /*retain_graph=*/true); };
      });
}

}  // namespace

void register_attention() {
  for (const int64_t tokens : {49, 196}) add({128, tokens, 8, 8});  // the course's digit network
  for (const int64_t tokens : {64, 256, 1024, 4096}) add({1, tokens, 1, 512});  // celebahq's
}

}  // namespace mezzotint::benchmarks
