#include "mezzotint/ops/conv2d.h"

#include <array>

#include <ATen/ops/conv2d.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"

namespace mezzotint {
namespace {

struct Case {
  std::array<int64_t, 4> x;
  int64_t out, kernel, stride, padding;
  bool bias;
};

double relative_error(const Tensor& got, const Tensor& wanted) {
  return ((got - wanted).abs().max() / wanted.abs().max()).item<double>();
}

/// Output and gradients of sum(conv(x) * r) for a fixed r.
std::array<Tensor, 4> run(const Case& c, bool ours) {
  RandomStream stream(1);
  Tensor x = stream.randn(c.x).requires_grad_();
  Tensor weight = stream.randn({c.out, c.x[1], c.kernel, c.kernel}).requires_grad_();
  Tensor bias = c.bias ? stream.randn({c.out}).requires_grad_() : Tensor();
  const Tensor y = ours ? ops::conv2d(x, weight, bias, c.stride, c.padding)
                        : at::conv2d(x, weight, c.bias ? std::optional<Tensor>(bias) : std::nullopt,
                                     c.stride, c.padding);
  (y * stream.randn(y.sizes())).sum().backward();
  return {y, x.grad(), weight.grad(), c.bias ? bias.grad() : Tensor()};
}

TEST(Conv2d, EqualsLibTorchForwardAndBackward) {
  const Case cases[] = {{{2, 16, 16, 16}, 32, 3, 1, 1, true}, {{3, 19, 13, 22}, 35, 3, 1, 1, false},
                        {{8, 64, 7, 7}, 48, 3, 1, 1, true},   {{2, 16, 16, 16}, 32, 3, 2, 1, true},
                        {{2, 3, 16, 16}, 32, 3, 1, 1, true},  {{1, 32, 4, 4}, 32, 3, 1, 1, true},
                        {{2, 24, 10, 10}, 16, 1, 1, 0, false}};
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.x[1] << " -> " << c.out << " at " << c.x[2]);
    const auto got = run(c, true), wanted = run(c, false);
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].defined(), wanted[i].defined());
      if (!got[i].defined()) continue;
      ASSERT_EQ(got[i].sizes(), wanted[i].sizes());
      EXPECT_LT(relative_error(got[i], wanted[i]), 1e-4) << "tensor " << i;
    }
  }
}

TEST(Conv2d, SameBitsEveryTime) {
  const Case c{{4, 32, 16, 16}, 32, 3, 1, 1, true};
  const auto first = run(c, true), second = run(c, true);
  for (size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(first[i].equal(second[i]));
}

TEST(Conv2d, FrozenWeightsGetNoGradient) {
  RandomStream stream(2);
  Tensor x = stream.randn({2, 16, 16, 16}).requires_grad_();
  const Tensor weight = stream.randn({16, 16, 3, 3});
  ops::conv2d(x, weight, Tensor(), 1, 1).sum().backward();
  EXPECT_TRUE(x.grad().defined());
  EXPECT_FALSE(weight.grad().defined());
}

}  // namespace
}  // namespace mezzotint
