#include "mezzotint/ops/adam.h"

#include <ATen/Parallel.h>
#include <ATen/ops/zeros.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/ops/engine.h"

namespace mezzotint::ops {
namespace {

const AdamRecipe kRecipe = {.lr = 3e-3,
                            .beta1 = 0.8,
                            .beta2 = 0.95,
                            .epsilon = 1e-6,
                            .weight_decay = 0.1,
                            .gradient_scale = 0.4,
                            .average_weight = 0.3};

AdamTensors tensors(IntArrayRef shape, uint64_t seed) {
  RandomStream stream(seed);
  const auto draw = [&] {
    const Tensor x = stream.randn(shape);
    return shape.size() == 4 ? x.contiguous(at::MemoryFormat::ChannelsLast) : x;
  };
  return {draw(), draw(), draw(), draw().square(), at::zeros({}), draw()};
}

/// A vector, a piece and more, a convolution's weight, a scalar, nothing.
std::vector<AdamTensors> some_tensors() {
  return {tensors({5}, 1), tensors({40000}, 2), tensors({7, 5, 3, 3}, 3), tensors({}, 4),
          tensors({0}, 5)};
}

std::vector<Tensor> changed(const AdamTensors& of) {
  return {of.parameter, of.mean, of.square, of.step, of.average};
}

/// Three updates from the same start.
std::vector<AdamTensors> updated(const AdamRecipe& recipe, Engine by) {
  const EngineGuard guard(by);
  const std::vector<AdamTensors> all = some_tensors();
  for (int i = 0; i < 3; ++i) {
    // LibTorch's path writes scaled gradients back.
    std::vector<AdamTensors> now = all;
    for (AdamTensors& of : now) of.gradient = of.gradient.clone();
    adam_update(recipe, now);
  }
  return all;
}

class AdamParity : public ::testing::TestWithParam<double> {};

TEST_P(AdamParity, EqualsLibTorch) {
  AdamRecipe recipe = kRecipe;
  recipe.weight_decay = GetParam();
  const auto got = updated(recipe, Engine::kFast), wanted = updated(recipe, Engine::kReference);
  for (size_t i = 0; i < got.size(); ++i) {
    SCOPED_TRACE(i);
    for (size_t j = 0; j < changed(got[i]).size(); ++j)
      EXPECT_TRUE(changed(got[i])[j].allclose(changed(wanted[i])[j], 1e-6, 1e-7)) << j;
  }
}

INSTANTIATE_TEST_SUITE_P(WeightDecay, AdamParity, ::testing::Values(0.0, 0.1));

TEST(AdamUpdate, TheSameBitsForAnyNumberOfThreads) {
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = updated(kRecipe, Engine::kFast);
  at::set_num_threads(3);
  const auto three = updated(kRecipe, Engine::kFast);
  at::set_num_threads(before);
  for (size_t i = 0; i < one.size(); ++i)
    for (size_t j = 0; j < changed(one[i]).size(); ++j)
      EXPECT_TRUE(changed(one[i])[j].equal(changed(three[i])[j])) << i << ", " << j;
}

TEST(AdamUpdate, TensorsOfAnotherLayoutOrTypeAreLibTorchs) {
  AdamTensors apart = tensors({6, 4, 3, 3}, 6), together = apart;
  for (Tensor* of : {&apart.parameter, &apart.mean, &apart.square, &apart.average, &apart.step})
    *of = of->clone();
  apart.gradient = apart.gradient.contiguous();  // not in the parameter's channels_last
  adam_update(kRecipe, std::vector{apart});
  adam_update(kRecipe, std::vector{together});
  EXPECT_TRUE(apart.parameter.allclose(together.parameter, 1e-6, 1e-7));
  EXPECT_TRUE(apart.average.allclose(together.average, 1e-6, 1e-7));

  AdamTensors wide = tensors({9}, 7);
  for (Tensor* of : {&wide.parameter, &wide.gradient, &wide.mean, &wide.square, &wide.average})
    *of = of->to(at::kDouble);
  const Tensor before = wide.parameter.clone();
  adam_update(kRecipe, std::vector{wide});
  EXPECT_FALSE(wide.parameter.equal(before));
}

TEST(AdamUpdate, NoAverageIsFine) {
  AdamTensors with = tensors({33}, 8), without = tensors({33}, 8);
  without.average = Tensor();
  adam_update(kRecipe, std::vector{with});
  adam_update(kRecipe, std::vector{without});
  EXPECT_TRUE(with.parameter.equal(without.parameter));
}

TEST(Norm, EqualsLibTorch) {
  const std::vector<Tensor> all = {RandomStream(1).randn({3, 4}), RandomStream(2).randn({50000}),
                                   RandomStream(3).randn({})};
  const double fast = norm(all);
  const EngineGuard reference(Engine::kReference);
  EXPECT_NEAR(norm(all), fast, 1e-6 * fast);
  EXPECT_EQ(norm({}), 0.0);
}

TEST(Norm, TheSameBitsForAnyNumberOfThreads) {
  const std::vector<Tensor> all = {RandomStream(1).randn({100001}), RandomStream(2).randn({7})};
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const double one = norm(all);
  at::set_num_threads(4);
  EXPECT_EQ(norm(all), one);
  at::set_num_threads(before);
}

}  // namespace
}  // namespace mezzotint::ops
