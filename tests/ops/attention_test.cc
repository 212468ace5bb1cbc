#include "mezzotint/ops/attention.h"

#include <array>
#include <cmath>
#include <random>

#include <ATen/Parallel.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>

#include <gtest/gtest.h>

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

void expect_like_double(const Case& c) {
  SCOPED_TRACE(testing::Message() << c.batch << " x " << c.tokens << " tokens, " << c.heads
                                  << " heads of " << c.head_size);
  const auto got = run(c, true), wanted = run(c, false);
  for (size_t i = 0; i < got.size(); ++i) {
    const double scale = std::max(1e-3, wanted[i].abs().max().item<double>());
    EXPECT_LT((got[i] - wanted[i]).abs().max().item<double>(), (c.spread > 1 ? 2e-4 : 2e-5) * scale)
        << "tensor " << i;
  }
}

TEST(Attention, EqualsTheEquationInDouble) {
  for (const Case& c : {Case{2, 49, 8, 8, 1},
                        {1, 196, 3, 8, 1},
                        {2, 16, 2, 32, 1},
                        {1, 1, 1, 5, 1},
                        {1, 67, 2, 24, 5},
                        {1, 64, 1, 64, 10},
                        {1, 9, 2, 128, 1},
                        {1, 256, 1, 512, 1}})
    expect_like_double(c);
}

TEST(Attention, EqualsTheEquationInDoubleForAnyShape) {
  std::mt19937 engine(2);
  const auto below = [&](int64_t end) { return static_cast<int64_t>(engine() % end); };
  for (int i = 0; i < 25; ++i)
    expect_like_double({1 + below(3), 1 + below(180), 1 + below(4), 1 + below(50), 1});
}

TEST(Attention, ThreadsShareHeadsAndQueries) {
  const int before = at::get_num_threads();
  for (const Case& c : {Case{1, 100, 1, 24, 1}, {1, 40, 2, 16, 1}, {3, 33, 1, 8, 1}}) {
    at::set_num_threads(1);
    const auto alone = run(c, true);
    for (const int threads : {2, 3, 5}) {
      at::set_num_threads(threads);
      const auto first = run(c, true), second = run(c, true);
      for (size_t i = 0; i < first.size(); ++i) {
        EXPECT_TRUE(first[i].equal(second[i]));  // the same bits every time
        EXPECT_LT((first[i] - alone[i]).abs().max().item<double>(),
                  2e-6 * alone[i].abs().max().item<double>());
      }
      EXPECT_TRUE(first[0].equal(alone[0]));
    }
  }
  at::set_num_threads(before);
}

TEST(Attention, ReadsViewsThatAreNotContiguous) {
  RandomStream stream(4);
  const Tensor all = stream.randn({2, 3 * 24, 30}).transpose(1, 2);  // [2, 30, 72]
  const Tensor q = all.narrow(2, 0, 24), k = all.narrow(2, 24, 24), v = all.narrow(2, 48, 24);
  EXPECT_LT((ops::attention(q, k, v, 3) - reference(q, k, v, 3)).abs().max().item<double>(), 1e-5);
}

TEST(Attention, VeryNegativeScoresStillMakeAMean) {
  const Tensor q = at::full({1, 5, 8}, 30.0), k = at::full({1, 5, 8}, -30.0);
  RandomStream stream(3);
  const Tensor v = stream.randn({1, 5, 8}), out = ops::attention(q, k, v, 1);
  EXPECT_LT((out - v.mean(1, true)).abs().max().item<double>(), 1e-6);
}

}  // namespace
}  // namespace mezzotint
