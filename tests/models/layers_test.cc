// Attention, embeddings and FIR filters against their equations.

#include <cmath>

#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

#include "mezzotint/models/attention.h"
#include "mezzotint/models/embeddings.h"
#include "mezzotint/models/fir.h"

namespace mezzotint {
namespace {

double difference(const Tensor& a, const Tensor& b) {
  return (a - b).abs().max().item().toDouble();
}

class AttentionFormula : public ::testing::TestWithParam<std::pair<int64_t, int64_t>> {};

TEST_P(AttentionFormula, SoftmaxOfScaledProducts) {
  const auto [channels, head_dim] = GetParam();
  const Params params = Params::initialised(RandomStream(1));
  const Attention attention(params, {.channels = channels, .head_dim = head_dim});
  const Tensor x = RandomStream(2).randn({2, channels, 4, 3});

  const Weights w = params.taken();
  const Tensor x_bnc = x.to(at::kDouble).flatten(2).transpose(1, 2);
  const auto project = [&](const Tensor& in, const std::string& name) {
    return in.matmul(w.at(name + ".weight").to(at::kDouble).t()) + w.at(name + ".bias");
  };
  const auto heads = [&](const Tensor& y) {
    return y.reshape({2, 12, channels / head_dim, head_dim}).transpose(1, 2);
  };
  const Tensor q = heads(project(x_bnc, "to_q")), k = heads(project(x_bnc, "to_k")),
               v = heads(project(x_bnc, "to_v"));
  const Tensor scores = q.matmul(k.transpose(-1, -2)) / std::sqrt(static_cast<double>(head_dim));
  const Tensor mixed = scores.softmax(-1).matmul(v).transpose(1, 2).reshape({2, 12, channels});
  const Tensor expected =
      project(mixed, "to_out.0").transpose(1, 2).reshape({2, channels, 4, 3}) + x;
  EXPECT_LE(difference(attention(x), expected), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Sizes, AttentionFormula,
                         ::testing::Values(std::pair(64, 8), std::pair(512, 512),
                                           std::pair(24, 12)));

TEST(Attention, NeedsOneHead) {
  EXPECT_THROW(Attention(Params::shapes_only(), {.channels = 8, .head_dim = 16}), Error);
}

TEST(GroupNorm, NeedsChannelsThatDivide) {
  EXPECT_THROW(GroupNorm(Params::shapes_only(), 20, 8, 1e-5), Error);
}

TEST(PositionalEmbedding, IsSinesAndCosines) {
  const Tensor t = at::tensor({0.0f, 3.0f, 750.0f});
  const Tensor sines_first = positional_embedding(t, 6, false, 1);
  const Tensor cosines_first = positional_embedding(t, 7, true, 0);
  for (int row = 0; row < 3; ++row)
    for (int i = 0; i < 3; ++i) {
      const double time = t[row].item().toDouble();
      const double with_shift = time * std::exp(-std::log(1e4) * i / 2.0);
      EXPECT_NEAR(sines_first[row][i].item<float>(), std::sin(with_shift), 1e-4);
      EXPECT_NEAR(sines_first[row][3 + i].item<float>(), std::cos(with_shift), 1e-4);
      const double without = time * std::exp(-std::log(1e4) * i / 3.0);
      EXPECT_NEAR(cosines_first[row][i].item<float>(), std::cos(without), 1e-4);
      EXPECT_NEAR(cosines_first[row][3 + i].item<float>(), std::sin(without), 1e-4);
    }
  EXPECT_EQ(cosines_first[1][6].item<float>(), 0.0f);
}

TEST(Embedding, TakesWholeNumbersOfAnyTypeInItsTable) {
  const Params params = Params::initialised(RandomStream(0));
  const Embedding table(params, 5, 3);
  EXPECT_TRUE(table(at::tensor({4.0f, 0.0f}), "label")[0].equal(table.weight[4]));
  EXPECT_THROW(table(at::tensor({int64_t{5}}), "label"), Error);
  EXPECT_THROW(table(at::tensor({int64_t{-1}}), "label"), Error);
  EXPECT_THROW(table(at::tensor({0.5f}), "label"), Error);
}

TEST(Fir, KeepsAConstantAwayFromTheBorder) {
  const Tensor x = at::ones({1, 2, 8, 8});
  const Tensor halved = fir_halve(x), doubled = fir_double(x);
  ASSERT_EQ(halved.sizes(), IntArrayRef({1, 2, 4, 4}));
  ASSERT_EQ(doubled.sizes(), IntArrayRef({1, 2, 16, 16}));
  EXPECT_LE(difference(halved.narrow(2, 1, 2).narrow(3, 1, 2), at::ones({1, 2, 2, 2})), 1e-6);
  EXPECT_LE(difference(doubled.narrow(2, 1, 14).narrow(3, 1, 14), at::ones({1, 2, 14, 14})), 1e-6);
  EXPECT_LT(halved[0][0][0][0].item<float>(), 0.8f);  // zeros lie outside
}

}  // namespace
}  // namespace mezzotint
