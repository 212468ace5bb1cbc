#include "mezzotint/ops/halving_conv.h"

#include <array>
#include <optional>
#include <random>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/ops/engine.h"

namespace mezzotint {
namespace {

using ops::HalvingPad;

struct Case {
  std::array<int64_t, 4> x;
  int64_t out;
  HalvingPad pad;
  bool bias;
};

Tensor reference(const Tensor& x, const Tensor& weight, const Tensor& bias, HalvingPad pad) {
  const auto b = bias.defined() ? std::optional<Tensor>(bias) : std::nullopt;
  const bool every_side = pad == HalvingPad::kEverySide;
  const int64_t padding = every_side ? 1 : 0;
  return at::conv2d(every_side ? x : at::constant_pad_nd(x, {0, 1, 0, 1}, 0), weight, b, 2,
                    padding);
}

/// Output and gradients of sum(conv(x) * r) for a fixed r: ours in float, LibTorch's in double.
std::vector<Tensor> run(const Case& c, bool ours) {
  RandomStream stream(1);
  const auto leaf = [&](at::IntArrayRef sizes) {
    return stream.randn(sizes).to(ours ? at::kFloat : at::kDouble).detach().requires_grad_();
  };
  const Tensor x = leaf(c.x), weight = leaf({c.out, c.x[1], 3, 3}),
               bias = c.bias ? leaf({c.out}) : Tensor();
  const Tensor y =
      ours ? ops::halving_conv(x, weight, bias, c.pad) : reference(x, weight, bias, c.pad);
  (y * stream.randn(y.sizes()).to(y.scalar_type())).sum().backward();
  std::vector<Tensor> all = {y, x.grad(), weight.grad()};
  if (c.bias) all.push_back(bias.grad());
  return all;
}

void expect_like_double(const Case& c) {
  SCOPED_TRACE(testing::Message() << at::IntArrayRef(c.x) << " -> " << c.out << ", padding "
                                  << static_cast<int>(c.pad));
  const auto got = run(c, true), wanted = run(c, false);
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].sizes(), wanted[i].sizes());
    const double scale = wanted[i].abs().max().item<double>();
    EXPECT_LT((got[i] - wanted[i]).abs().max().item<double>(), 5e-6 * scale) << "tensor " << i;
  }
}

TEST(HalvingConv, EqualsLibTorchInDoubleForAnyShape) {
  expect_like_double({{1, 1, 2, 2}, 1, HalvingPad::kBelowAndRight, true});
  expect_like_double({{2, 160, 6, 6}, 32, HalvingPad::kEverySide, false});
  std::mt19937 engine(3);
  const auto below = [&](int64_t end) { return static_cast<int64_t>(engine() % end); };
  for (int i = 0; i < 30; ++i)
    expect_like_double({{1 + below(3), 1 + below(40), 2 + below(14), 2 + below(30)},
                        1 + below(70),
                        below(2) == 0 ? HalvingPad::kEverySide : HalvingPad::kBelowAndRight,
                        below(2) == 0});
}

TEST(HalvingConv, SameBitsEveryTimeWithAnyNumberOfThreads) {
  const int before = at::get_num_threads();
  const Case c{{3, 20, 30, 34}, 24, HalvingPad::kBelowAndRight, true};
  at::set_num_threads(1);
  const auto alone = run(c, true);
  for (const int threads : {2, 3}) {
    at::set_num_threads(threads);
    const auto first = run(c, true), second = run(c, true);
    for (size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(first[i].equal(second[i]));
    EXPECT_TRUE(first[0].equal(alone[0]));
    EXPECT_TRUE(first[1].equal(alone[1]));
  }
  at::set_num_threads(before);
}

TEST(HalvingConv, TheReferenceEngineIsLibTorch) {
  RandomStream stream(2);
  const Tensor x = stream.randn({2, 8, 9, 9}), weight = stream.randn({8, 8, 3, 3});
  const ops::EngineGuard guard(ops::Engine::kReference);
  for (const HalvingPad pad : {HalvingPad::kEverySide, HalvingPad::kBelowAndRight})
    EXPECT_TRUE(ops::halving_conv(x, weight, {}, pad).equal(reference(x, weight, {}, pad)));
}

}  // namespace
}  // namespace mezzotint
