#include "mezzotint/ops/attention.h"

#include <array>
#include <cmath>

#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "mezzotint/base/random.h"

namespace mezzotint {
namespace {

struct Case {
  int64_t batch, tokens, heads, head_size;
  double spread;  ///< of queries and keys: large ones make the softmax sharp
};

Tensor reference(const Tensor& q, const Tensor& k, const Tensor& v, int64_t heads) {
  const auto split = [heads](const Tensor& x) {
    return x.to(at::kDouble).reshape({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
  };
  const Tensor scores =
      at::matmul(split(q), split(k).transpose(2, 3)) / std::sqrt(double(q.size(2) / heads));
  return at::matmul(at::softmax(scores, -1), split(v)).transpose(1, 2).reshape(q.sizes());
}

/// Output and gradients of sum(attention(q, k, v) * r) for a fixed r.
std::array<Tensor, 4> run(const Case& c, bool ours) {
  RandomStream stream(1);
  const std::array<int64_t, 3> sizes = {c.batch, c.tokens, c.heads * c.head_size};
  Tensor q = (stream.randn(sizes) * c.spread).requires_grad_(),
         k = (stream.randn(sizes) * c.spread).requires_grad_();
  Tensor v = stream.randn(sizes).requires_grad_();
  const Tensor out = ours ? ops::attention(q, k, v, c.heads) : reference(q, k, v, c.heads);
  (out * stream.randn(sizes)).sum().backward();
  return {out, q.grad(), k.grad(), v.grad()};
}

TEST(Attention, EqualsTheEquationInDoubleOnEveryTarget) {
  const Case cases[] = {{2, 49, 8, 8, 1},  {1, 196, 3, 8, 1},  {2, 16, 2, 32, 1},  {1, 1, 1, 5, 1},
                        {1, 67, 2, 24, 5}, {1, 64, 1, 64, 10}, {1, 9, 2, 128, 1.0}};
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    for (const Case& c : cases) {
      SCOPED_TRACE(testing::Message() << hwy::TargetName(target) << ": " << c.tokens
                                      << " tokens, head " << c.head_size);
      const auto got = run(c, true), wanted = run(c, false);
      for (size_t i = 0; i < got.size(); ++i) {
        const double scale = std::max(1e-3, wanted[i].abs().max().item<double>());
        EXPECT_LT((got[i] - wanted[i]).abs().max().item<double>(),
                  (c.spread > 1 ? 2e-4 : 2e-5) * scale)
            << "tensor " << i;
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(Attention, VeryNegativeScoresStillMakeAMean) {
  const Tensor q = at::full({1, 5, 8}, 30.0), k = at::full({1, 5, 8}, -30.0);
  RandomStream stream(3);
  const Tensor v = stream.randn({1, 5, 8}), out = ops::attention(q, k, v, 1);
  EXPECT_LT((out - v.mean(1, true)).abs().max().item<double>(), 1e-6);
}

}  // namespace
}  // namespace mezzotint
