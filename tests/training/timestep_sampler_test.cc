#include "mezzotint/training/timestep_sampler.h"

#include <cmath>

#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

constexpr int64_t kTimesteps = 1000;

std::unique_ptr<TimestepSampler> sampler(const std::string& kind, int64_t first = 0,
                                         int64_t last = 0) {
  TrainConfig config;
  config.timestep_sampler = kind;
  config.min_timestep = first;
  config.max_timestep = last;
  return make_timestep_sampler(config, kTimesteps);
}

class EverySampler : public ::testing::TestWithParam<const char*> {};

TEST_P(EverySampler, StaysInItsRangeAndReachesAllOfIt) {
  RandomStream stream(1);
  const auto from = sampler(GetParam(), 10, 20);
  const Tensor drawn = from->draw(4000, stream).timesteps_b;
  EXPECT_EQ(drawn.scalar_type(), at::kLong);
  EXPECT_EQ(drawn.min().item<int64_t>(), 10);
  EXPECT_EQ(drawn.max().item<int64_t>(), 19);
}

TEST_P(EverySampler, DrawsTheSameFromTheSameStream) {
  RandomStream a(5), b(5);
  EXPECT_TRUE(sampler(GetParam())
                  ->draw(64, a)
                  .timesteps_b.equal(sampler(GetParam())->draw(64, b).timesteps_b));
}

INSTANTIATE_TEST_SUITE_P(Kinds, EverySampler,
                         ::testing::Values("uniform", "stratified", "logit_normal",
                                           "loss_second_moment"));

TEST(TimestepSampler, AStratumEach) {
  RandomStream stream(2);
  const Tensor drawn = sampler("stratified")->draw(8, stream).timesteps_b;
  for (int64_t i = 0; i < 8; ++i) EXPECT_EQ(drawn[i].item<int64_t>() / 125, i);
}

TEST(TimestepSampler, ALogitNormalKeepsToTheMiddle) {
  RandomStream stream(3);
  const Tensor drawn = sampler("logit_normal")->draw(20000, stream).timesteps_b.to(at::kDouble);
  // sigmoid(N(0, 1)) lies in the middle half with probability P(|z| < log 3).
  const double inside = ((drawn >= 250) & (drawn < 750)).to(at::kDouble).mean().item<double>();
  EXPECT_NEAR(inside, std::erf(std::log(3.0) / std::sqrt(2.0)), 0.01);
}

/// Losses of 3 in the upper half, 1 in the lower one.
Tensor uneven_losses(const Tensor& timesteps_b) {
  return (timesteps_b >= 500).to(at::kFloat) * 2 + 1;
}

TEST(TimestepSampler, LargeLossesAreDrawnMoreOftenAndWeighLess) {
  RandomStream stream(4);
  const auto from = sampler("loss_second_moment");
  for (int i = 0; i < 100; ++i) {
    const DrawnTimesteps drawn = from->draw(64, stream);
    from->observe(drawn.timesteps_b, uneven_losses(drawn.timesteps_b));
  }
  const DrawnTimesteps drawn = from->draw(20000, stream);
  const Tensor high = drawn.timesteps_b >= 500;
  EXPECT_NEAR(high.to(at::kDouble).mean().item<double>(), 0.75, 0.01);
  // The weights take it out again: the weighted mean is that of evenly drawn timesteps.
  const double mean = (uneven_losses(drawn.timesteps_b) * drawn.weights_b).mean().item<double>();
  EXPECT_NEAR(mean, 2.0, 0.02);
}

TEST(TimestepSampler, ItsHistoryIsItsState) {
  RandomStream a(6), b(6);
  const auto first = sampler("loss_second_moment"), second = sampler("loss_second_moment");
  for (int i = 0; i < 60; ++i) {
    const DrawnTimesteps drawn = first->draw(64, a);
    first->observe(drawn.timesteps_b, uneven_losses(drawn.timesteps_b));
  }
  for (const auto& [key, tensor] : second->state()) tensor.copy_(first->state().at(key));
  b.set_state(a.state());
  EXPECT_TRUE(first->draw(64, a).timesteps_b.equal(second->draw(64, b).timesteps_b));
  EXPECT_FALSE(
      sampler("loss_second_moment")->draw(64, a).timesteps_b.equal(first->draw(64, b).timesteps_b));
}

TEST(TimestepSampler, ARangeThatTheModelHasntIsRefused) {
  EXPECT_THROW(sampler("uniform", 0, 1001), Error);
  EXPECT_THROW(sampler("uniform", 1000), Error);
  EXPECT_THROW(sampler("evenly"), Error);
}

}  // namespace
}  // namespace mezzotint
