// Changes of low rank in every op that takes one, against the op with the merged weight in double.

#include <functional>

#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/ops/conv2d.h"
#include "mezzotint/ops/conv3x3.h"
#include "mezzotint/ops/engine.h"
#include "mezzotint/ops/halving_conv.h"
#include "mezzotint/ops/linear.h"
#include "mezzotint/ops/pointwise.h"

namespace mezzotint {
namespace {

/// What an op reads.
struct Given {
  std::vector<Tensor> parts;
  Tensor weight, bias, a, b, addend;

  std::vector<Tensor> learned() const {
    std::vector<Tensor> all = parts;
    all.insert(all.end(), {a, b});
    return all;
  }
  ops::LowRank change(double scale = 0.5) const { return {a, b, scale}; }
};

using Op = std::function<Tensor(const Given&)>;

struct Case {
  const char* name;
  std::vector<std::vector<int64_t>> parts;
  std::vector<int64_t> weight, addend;
  Op ours;
  Op expected;  ///< of a weight that is merged already
};

Given made(const Case& c) {
  RandomStream stream(3);
  Given given;
  for (const auto& sizes : c.parts) given.parts.push_back(stream.randn(sizes));
  std::vector<int64_t> a = c.weight, b = c.weight;
  a[0] = b[1] = 4;
  for (size_t i = 2; i < b.size(); ++i) b[i] = 1;
  given.weight = stream.randn(c.weight) * 0.2;
  given.bias = stream.randn({c.weight[0]});
  given.a = stream.randn(a) * 0.2;
  given.b = stream.randn(b);
  if (!c.addend.empty()) given.addend = stream.randn(c.addend);
  return given;
}

Given in_double(const Given& given) {
  const auto to = [](const Tensor& x) { return x.defined() ? x.detach().to(at::kDouble) : x; };
  Given all{{}, to(given.weight), to(given.bias), to(given.a), to(given.b), to(given.addend)};
  for (const Tensor& part : given.parts) all.parts.push_back(to(part));
  return all;
}

/// The result and the gradients of its product with something.
std::vector<Tensor> results(const Op& op, const Given& given) {
  for (const Tensor& x : given.learned()) x.requires_grad_(true);
  const Tensor y = op(given);
  const Tensor v = RandomStream(9).randn(y.sizes()).to(y.scalar_type());
  (y * v).sum().backward();
  std::vector<Tensor> all = {y.detach()};
  for (const Tensor& x : given.learned()) all.push_back(x.grad());
  return all;
}

Tensor joined(const Given& g) { return g.parts.size() == 1 ? g.parts[0] : at::cat(g.parts, 1); }

Tensor weight_of(const Given& g) {
  return g.weight + 0.5 * g.b.flatten(1).matmul(g.a.flatten(1)).view(g.weight.sizes());
}

Tensor plus_addend(const Tensor& y, const Given& g) {
  return g.addend.defined() ? y + g.addend : y;
}

std::vector<Case> cases() {
  const Op conv = [](const Given& g) {
    return plus_addend(at::conv2d(joined(g), weight_of(g), g.bias, 1, g.weight.size(2) / 2), g);
  };
  const Op conv3x3 = [](const Given& g) {
    return ops::conv3x3({.parts = g.parts,
                         .weight = g.weight,
                         .bias = g.bias,
                         .addend_bchw = g.addend,
                         .change = g.change()});
  };
  const Op halving = [](const Given& g) {
    return ops::halving_conv(g.parts[0], g.weight, g.bias, ops::HalvingPad::kEverySide, g.change());
  };
  const Op linear = [](const Given& g) {
    return ops::linear(g.parts[0], g.weight, g.bias, g.addend, g.change());
  };
  return {
      {"Conv3x3", {{2, 32, 9, 7}}, {24, 32, 3, 3}, {}, conv3x3, conv},
      {"TwoParts", {{2, 16, 8, 8}, {2, 24, 8, 8}}, {16, 40, 3, 3}, {2, 16, 8, 8}, conv3x3, conv},
      {"FewChannels", {{2, 3, 8, 8}}, {5, 3, 3, 3}, {2, 5, 8, 8}, conv3x3, conv},
      {"Doubled",
       {{1, 16, 5, 6}},
       {16, 16, 3, 3},
       {},
       [](const Given& g) {
         return ops::conv3x3({.parts = g.parts,
                              .doubled = true,
                              .weight = g.weight,
                              .bias = g.bias,
                              .change = g.change()});
       },
       [](const Given& g) {
         return at::conv2d(at::upsample_nearest2d(g.parts[0], {10, 12}), weight_of(g), g.bias, 1,
                           1);
       }},
      {"Pointwise",
       {{2, 16, 6, 6}, {2, 8, 6, 6}},
       {12, 24, 1, 1},
       {2, 12, 6, 6},
       [](const Given& g) {
         return ops::pointwise({.parts = g.parts,
                                .weight = g.weight,
                                .bias = g.bias,
                                .addend_bchw = g.addend,
                                .change = g.change()});
       },
       conv},
      {"Halving",
       {{2, 16, 8, 10}},
       {16, 16, 3, 3},
       {},
       halving,
       [](const Given& g) { return at::conv2d(g.parts[0], weight_of(g), g.bias, 2, 1); }},
      {"OtherConvolution",
       {{2, 6, 9, 9}},
       {8, 6, 5, 5},
       {},
       [](const Given& g) { return ops::conv2d(g.parts[0], g.weight, g.bias, 2, 2, g.change()); },
       [](const Given& g) { return at::conv2d(g.parts[0], weight_of(g), g.bias, 2, 2); }},
      {"Linear",
       {{2, 40, 16}},
       {24, 16},
       {2, 40, 24},
       linear,
       [](const Given& g) { return plus_addend(g.parts[0].matmul(weight_of(g).t()) + g.bias, g); }},
      {"SecondOfTwoLinears",
       {{2, 40, 16}},
       {24, 16},
       {},
       [](const Given& g) {
         const ops::LowRank none;
         return ops::linears(g.parts[0], {g.weight, g.weight}, {g.bias, g.bias},
                             {none, g.change()})[1];
       },
       [](const Given& g) { return g.parts[0].matmul(weight_of(g).t()) + g.bias; }},
  };
}

class LowRankChange : public ::testing::TestWithParam<std::tuple<Case, ops::Engine>> {};

TEST_P(LowRankChange, IsThatOfTheMergedWeight) {
  const auto& [c, engine] = GetParam();
  const ops::EngineGuard guard(engine);
  const Given given = made(c);
  const auto expected = results(c.expected, in_double(given)), got = results(c.ours, given);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].sizes(), expected[i].sizes()) << i;
    EXPECT_LE((got[i] - expected[i]).abs().max().item<double>(),
              5e-5 * expected[i].abs().max().item<double>())
        << i;
  }
  EXPECT_FALSE(given.weight.grad().defined());
}

INSTANTIATE_TEST_SUITE_P(Ops, LowRankChange,
                         ::testing::Combine(::testing::ValuesIn(cases()),
                                            ::testing::Values(ops::Engine::kFast,
                                                              ops::Engine::kReference)),
                         [](const auto& about) {
                           const bool fast = std::get<1>(about.param) == ops::Engine::kFast;
                           return std::string(std::get<0>(about.param).name) +
                                  (fast ? "" : "ByReference");
                         });

}  // namespace
}  // namespace mezzotint
