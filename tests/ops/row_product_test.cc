#include "mezzotint/ops/row_product.h"

#include <random>
#include <vector>

#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/ops/engine.h"
#include "mezzotint/ops/linear.h"
#include "mezzotint/ops/pointwise.h"

namespace mezzotint {
namespace {

struct Case {
  int64_t rows, in, second_in, out;  ///< second_in 0: one tensor
  bool bias, addend;
};

double relative_error(const Tensor& got, const Tensor& wanted) {
  return ((got - wanted).abs().max() / wanted.abs().max().clamp_min(1e-30)).item<double>();
}

/// The arguments of a product, the random numbers of a case.
ops::RowProduct arguments(const Case& c, at::ScalarType type) {
  RandomStream stream(7);
  const auto leaf = [&](at::IntArrayRef sizes) {
    return stream.randn(sizes).to(type).detach().requires_grad_();
  };
  ops::RowProduct work{.parts = {leaf({c.rows, c.in})},
                       .weight = leaf({c.out, c.in + c.second_in})};
  if (c.second_in > 0) work.parts.push_back(leaf({c.rows, c.second_in}));
  if (c.bias) work.bias = leaf({c.out});
  if (c.addend) work.addend = leaf({c.rows, c.out});
  return work;
}

/// y and the gradients of sum(y * r) for a fixed r.
std::vector<Tensor> results(const ops::RowProduct& work, const Tensor& y) {
  (y * RandomStream(8).randn(y.sizes()).to(y.scalar_type())).sum().backward();
  std::vector<Tensor> all = {y};
  for (const Tensor& x : work.parts) all.push_back(x.grad());
  for (const Tensor& x : {work.weight, work.bias, work.addend})
    if (x.defined()) all.push_back(x.grad());
  return all;
}

void expect_like_double(const Case& c) {
  SCOPED_TRACE(testing::Message() << c.rows << " x " << c.in << " + " << c.second_in << " -> "
                                  << c.out << ", bias " << c.bias << ", addend " << c.addend);
  const ops::RowProduct floats = arguments(c, at::kFloat), doubles = arguments(c, at::kDouble);
  const auto got = results(floats, ops::row_product(floats));
  Tensor wanted_y = at::linear(at::cat(doubles.parts, 1), doubles.weight);
  if (c.bias) wanted_y = wanted_y + doubles.bias;
  if (c.addend) wanted_y = wanted_y + doubles.addend;
  const auto wanted = results(doubles, wanted_y);
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].sizes(), wanted[i].sizes());
    EXPECT_LT(relative_error(got[i], wanted[i]), 5e-6) << "tensor " << i;
  }
}

TEST(RowProduct, EqualsLibTorchInDoubleForwardAndBackward) {
  for (const Case& c : {Case{32, 1, 0, 1, false, false},
                        {64, 64, 0, 64, true, true},
                        {31, 16, 0, 16, true, false},
                        {2000, 19, 0, 35, true, false},
                        {100, 48, 21, 70, true, true},
                        {1100, 5, 300, 3, false, true}})
    expect_like_double(c);
}

TEST(RowProduct, EqualsLibTorchInDoubleForAnyShape) {
  std::mt19937 engine(5);
  const auto below = [&](int64_t end) { return static_cast<int64_t>(engine() % end); };
  for (int i = 0; i < 40; ++i)
    expect_like_double({1 + below(i % 8 == 0 ? 3000 : 150), 1 + below(140), below(2) * below(90),
                        1 + below(150), below(2) == 1, below(2) == 1});
}

TEST(RowProducts, EqualSingleProductsForwardAndBackward) {
  for (const int64_t rows : {7, 200}) {
    std::vector<std::vector<Tensor>> all;
    for (const bool together : {true, false}) {
      RandomStream stream(9);
      const auto leaf = [&](at::IntArrayRef sizes) {
        return stream.randn(sizes).detach().requires_grad_();
      };
      const Tensor x = leaf({rows, 40});
      std::vector<Tensor> weights, biases, ys;
      for (const int64_t out : {24, 40, 7}) {
        weights.push_back(leaf({out, 40}));
        biases.push_back(leaf({out}));
      }
      if (together)
        ys = ops::row_products(x, weights, biases);
      else
        for (size_t i = 0; i < 3; ++i)
          ys.push_back(ops::row_product({{x}, weights[i], biases[i], {}}));
      // The third result isn't used.
      ((ys[0] * stream.randn(ys[0].sizes())).sum() + ys[1].square().sum()).backward();
      all.push_back({ys[0], ys[1], ys[2], x.grad(), weights[0].grad(), weights[1].grad(),
                     biases[0].grad(), biases[1].grad()});
    }
    for (size_t i = 0; i < all[0].size(); ++i)
      EXPECT_LT(relative_error(all[0][i], all[1][i]), 1e-6) << "tensor " << i;
  }
}

TEST(RowProducts, NeedNoBias) {
  RandomStream stream(1);
  const Tensor x = stream.randn({50, 8}), weight = stream.randn({12, 8});
  EXPECT_TRUE(
      ops::row_products(x, {weight, weight}, {})[1].equal(ops::row_product({{x}, weight, {}, {}})));
}

TEST(RowProduct, SameBitsEveryTime) {
  const Case c{3000, 60, 20, 40, true, true};
  std::vector<Tensor> first;
  for (int i = 0; i < 3; ++i) {
    const ops::RowProduct work = arguments(c, at::kFloat);
    const auto now = results(work, ops::row_product(work));
    if (first.empty()) first = now;
    for (size_t k = 0; k < now.size(); ++k) EXPECT_TRUE(now[k].equal(first[k]));
  }
}

TEST(RowProduct, GivesOnlyTheGradientsAskedFor) {
  ops::RowProduct work = arguments({40, 16, 8, 32, true, true}, at::kFloat);
  work.weight = work.weight.detach();
  work.parts[0] = work.parts[0].detach();
  work.bias = work.bias.detach();
  ops::row_product(work).sum().backward();
  EXPECT_TRUE(work.parts[1].grad().defined());
  EXPECT_TRUE(work.addend.grad().defined());
  EXPECT_FALSE(work.weight.grad().defined());
  EXPECT_FALSE(work.parts[0].grad().defined());
}

TEST(Pointwise, EqualsTheReferenceForBothLayoutsAndMisalignedViews) {
  RandomStream stream(3);
  const Tensor weight = stream.randn({24, 50, 1, 1}), bias = stream.randn({24});
  const Tensor wide = stream.randn({2, 40, 9, 7}).contiguous(at::MemoryFormat::ChannelsLast);
  const std::vector<Tensor> firsts = {
      wide.narrow(1, 3, 33), wide.narrow(1, 3, 33).contiguous(),
      wide.narrow(1, 3, 33).contiguous(at::MemoryFormat::ChannelsLast)};
  const Tensor second = stream.randn({2, 17, 9, 7}), addend = stream.randn({2, 24, 9, 7});
  for (const Tensor& first : firsts) {
    const ops::Pointwise work{{first, second}, weight, bias, addend};
    const Tensor got = ops::pointwise(work);
    const ops::EngineGuard reference(ops::Engine::kReference);
    EXPECT_LT(relative_error(got, ops::pointwise(work)), 5e-6);
    EXPECT_TRUE(got.is_contiguous(at::MemoryFormat::ChannelsLast));
  }
}

TEST(Pointwise, MovesNoDataInChannelsLast) {
  RandomStream stream(3);
  const Tensor x = stream.randn({2, 16, 8, 8}).contiguous(at::MemoryFormat::ChannelsLast);
  Tensor leaf = x.detach().requires_grad_();
  const Tensor y = ops::pointwise({{leaf}, stream.randn({16, 16, 1, 1}), {}, {}});
  y.backward(x);
  EXPECT_TRUE(leaf.grad().is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST(Linear, TakesAnyLeadingDimensions) {
  RandomStream stream(4);
  const Tensor weight = stream.randn({20, 12}), bias = stream.randn({20});
  for (const std::vector<int64_t>& sizes :
       {std::vector<int64_t>{12}, {40, 12}, {3, 50, 12}, {2, 3, 8, 12}}) {
    const Tensor x = stream.randn(sizes), wanted = at::linear(x, weight, bias);
    const Tensor addend = stream.randn(wanted.sizes());
    ASSERT_EQ(ops::linear(x, weight, bias).sizes(), wanted.sizes());
    EXPECT_LT(relative_error(ops::linear(x, weight, bias), wanted), 5e-6);
    EXPECT_LT(relative_error(ops::linear(x, weight, bias, addend), wanted + addend), 5e-6);
    const auto both = ops::linears(x, {weight, 2 * weight}, {bias, bias});
    ASSERT_EQ(both[1].sizes(), wanted.sizes());
    EXPECT_LT(relative_error(both[0], wanted), 5e-6);
    EXPECT_LT(relative_error(both[1], 2 * wanted - bias), 5e-6);
  }
}

}  // namespace
}  // namespace mezzotint
