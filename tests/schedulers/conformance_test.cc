// What holds of every scheduler that is registered.
#include <cmath>
#include <thread>

#include <torch/csrc/autograd/autograd.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/schedulers/scheduler.h"

#include "tests/schedulers/reference.h"

namespace mezzotint {
namespace {

class Conformance : public testing::TestWithParam<std::string> {
 protected:
  SchedulerPtr plan(int64_t steps, const nlohmann::json& config = nlohmann::json::object()) const {
    return make_scheduler(GetParam(), config, steps);
  }
};

/// A run from unit noise with a network that returns a part of its input.
Tensor run(const Scheduler& scheduler, IntArrayRef sizes, uint64_t seed) {
  RandomStream stream(seed);
  const DrawNoise draw = [&] { return stream.randn(sizes); };
  Tensor sample = draw() * scheduler.init_noise_sigma();
  History history;
  for (size_t i = 0; i < scheduler.timesteps().size(); ++i) {
    const Tensor input = scheduler.scale_model_input(sample, i);
    sample = scheduler.step(0.5 * input, i, sample, draw, history).prev_sample;
  }
  return sample;
}

TEST_P(Conformance, TimestepsDescendInRange) {
  for (const char* spacing : {"leading", "trailing", "linspace"})
    for (const int64_t steps : {1, 2, 7, 61, 999, 1000}) {
      const auto timesteps = plan(steps, {{"timestep_spacing", spacing}})->timesteps();
      ASSERT_FALSE(timesteps.empty());
      EXPECT_LT(timesteps.front(), 1000);
      EXPECT_GE(timesteps.back(), 0);
      for (size_t i = 1; i < timesteps.size(); ++i) EXPECT_LT(timesteps[i], timesteps[i - 1]);
    }
}

TEST_P(Conformance, SeedDecides) {
  const SchedulerPtr scheduler = plan(6);
  const Tensor once = run(*scheduler, {2, 3, 4, 4}, 7);
  EXPECT_TRUE(once.isfinite().all().item<bool>());
  EXPECT_TRUE(run(*scheduler, {2, 3, 4, 4}, 7).equal(once));
  EXPECT_FALSE(run(*scheduler, {2, 3, 4, 4}, 8).equal(once));
}

TEST_P(Conformance, ConfigurationRoundTrips) {
  const nlohmann::json given = {{"beta_end", 0.015},
                                {"timestep_spacing", "trailing"},
                                {"_diffusers_version", "0.1.1"},
                                {"of_another_class", {1, "two"}}};
  const SchedulerPtr scheduler = plan(5, given);
  const nlohmann::json config = scheduler->config();
  EXPECT_EQ(config["_class_name"], GetParam());
  EXPECT_EQ(config["of_another_class"], given["of_another_class"]);
  EXPECT_EQ(config["_diffusers_version"], "0.1.1");
  const SchedulerPtr again = plan(5, config);
  EXPECT_EQ(again->config(), config);
  EXPECT_EQ(again->timesteps(), scheduler->timesteps());
  EXPECT_TRUE(again->alphas_cumprod().equal(scheduler->alphas_cumprod()));
}

TEST_P(Conformance, PredictsTheOriginalWithoutAStep) {
  const SchedulerPtr scheduler = plan(5, {{"clip_sample", true}});
  RandomStream stream(3);
  const DrawNoise draw = [&] { return stream.randn({2, 3, 4, 4}); };
  const Tensor output = draw();
  for (size_t i = 0; i < scheduler->timesteps().size(); ++i) {
    const Tensor sample = draw().requires_grad_(true);
    const Tensor x0 = scheduler->pred_original_sample(output, i, sample);
    History history;
    EXPECT_TRUE(scheduler->step(output, i, sample, draw, history).pred_original_sample.equal(x0));
    const auto t = static_cast<int64_t>(scheduler->timesteps()[i]);
    const float slope = 1 / std::sqrt(scheduler->alphas_cumprod()[t].item<float>());
    const Tensor gradient = torch::autograd::grad({x0.sum()}, {sample})[0], clamped = x0.abs() >= 1;
    EXPECT_TRUE(gradient.masked_select(clamped).eq(0).all().item<bool>()) << "step " << i;
    EXPECT_TRUE(
        gradient.masked_select(~clamped).sub(slope).abs().lt(1e-5 * slope).all().item<bool>());
  }
}

TEST_P(Conformance, LastStepReturnsThePredictedOriginal) {
  const SchedulerPtr scheduler = plan(5);
  RandomStream stream(0);
  const DrawNoise draw = [&] { return stream.randn({1, 3, 4, 4}); };
  Tensor sample = draw();
  Step step;
  History history;
  for (size_t i = 0; i < scheduler->timesteps().size(); ++i) {
    step = scheduler->step(0.5 * sample, i, sample, draw, history);
    sample = step.prev_sample;
  }
  EXPECT_LT((step.prev_sample - step.pred_original_sample).abs().max().item<float>(), 1e-6);
}

TEST_P(Conformance, StepsArePure) {
  const SchedulerPtr scheduler = plan(5);
  RandomStream stream(0);
  const Tensor sample = stream.randn({2, 3, 4, 4}), output = stream.randn({2, 3, 4, 4});
  const Tensor noise = stream.randn({2, 3, 4, 4});
  const Tensor sample_before = sample.clone(), output_before = output.clone();
  const auto step = [&] {
    History history;
    return scheduler->step(
        output, 2, sample, [&] { return noise; }, history);
  };
  const Step once = step();
  const Step twice = step();
  EXPECT_TRUE(once.prev_sample.equal(twice.prev_sample));
  EXPECT_TRUE(once.pred_original_sample.equal(twice.pred_original_sample));
  EXPECT_TRUE(sample.equal(sample_before));
  EXPECT_TRUE(output.equal(output_before));
}

TEST_P(Conformance, AnImageDoesNotDependOnItsBatch) {
  const SchedulerPtr scheduler = plan(4, {{"thresholding", true}, {"sample_max_value", 2.0}});
  RandomStream stream(0);
  const Tensor noise = stream.randn({3, 3, 4, 4});
  std::vector<Tensor> first;
  for (const int64_t batch : {1, 2, 3}) {
    const Tensor part = noise.slice(0, 0, batch);
    Tensor sample = part * scheduler->init_noise_sigma();
    History history;
    for (size_t i = 0; i < scheduler->timesteps().size(); ++i)
      sample = scheduler
                   ->step(
                       0.5 * sample, i, sample, [&] { return part; }, history)
                   .prev_sample;
    EXPECT_EQ(sample.sizes(), part.sizes());
    first.push_back(sample[0]);
  }
  EXPECT_TRUE(first[1].equal(first[0]));
  EXPECT_TRUE(first[2].equal(first[0]));
}

TEST_P(Conformance, OnePlanServesTwoThreads) {
  const SchedulerPtr scheduler = plan(8);
  std::vector<Tensor> results(2);
  {
    std::vector<std::jthread> threads;
    for (Tensor& result : results)
      threads.emplace_back([&] { result = run(*scheduler, {1, 3, 4, 4}, 3); });
  }
  EXPECT_TRUE(results[0].equal(results[1]));
}

std::string name_of(const testing::TestParamInfo<std::string>& info) { return info.param; }

INSTANTIATE_TEST_SUITE_P(Registered, Conformance,
                         testing::ValuesIn(Registry<SchedulerFactory>::names()), name_of);

}  // namespace
}  // namespace mezzotint
