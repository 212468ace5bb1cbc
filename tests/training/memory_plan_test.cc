#include "mezzotint/training/memory_plan.h"

#include <gtest/gtest.h>

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

constexpr MemoryNeeds kNeeds = {256, 256, 0};

TrainConfig recipe(const std::string& memory) {
  TrainConfig config;
  config.batch_size = 8;
  config.grad_accumulation_steps = 3;
  config.memory = memory;
  return config;
}

TEST(MemoryPlan, EachMakesTheSameUpdatesAndTheQuickestComesFirst) {
  const Pipeline pipeline = tiny_pipeline(0);
  const std::vector<MemoryPlan> plans = memory_plans(*pipeline.unet, recipe(""), kNeeds);
  EXPECT_EQ(plans.size(), 16u);  // eight divisors of 24, with and without checkpointing
  for (size_t i = 0; i < plans.size(); ++i) {
    EXPECT_EQ(plans[i].batch_size * plans[i].grad_accumulation_steps, 24);
    EXPECT_LE(plans[i == 0 ? 0 : i - 1].relative_time, plans[i].relative_time);
  }
  EXPECT_EQ(plans.front().batch_size, 24);
  EXPECT_FALSE(plans.front().gradient_checkpointing);
}

TEST(MemoryPlan, TakesTheQuickestThatFits) {
  const Pipeline pipeline = tiny_pipeline(0);
  const std::vector<MemoryPlan> plans = memory_plans(*pipeline.unet, recipe(""), kNeeds);
  for (const double limit : {plans.front().bytes, plans[5].bytes, plans[9].bytes}) {
    TrainConfig config = recipe(std::to_string(static_cast<int64_t>(limit) + 1));
    EXPECT_NE(fit_memory(config, *pipeline.unet, kNeeds), "");
    EXPECT_EQ(config.memory, "");
    EXPECT_LE(peak_memory(*pipeline.unet, config, kNeeds), limit + 1);
    EXPECT_EQ(config.batch_size * config.grad_accumulation_steps, 24);
    for (const MemoryPlan& quicker : plans) {
      if (quicker.batch_size == config.batch_size &&
          quicker.gradient_checkpointing == config.gradient_checkpointing)
        break;
      EXPECT_GT(quicker.bytes, limit);
    }
  }
}

TEST(MemoryPlan, WhatIsFrozenTakesLess) {
  const Pipeline pipeline = tiny_pipeline(0);
  TrainConfig config = recipe("");
  const double whole = peak_memory(*pipeline.unet, config, kNeeds);
  config.freeze = {"down_blocks.*"};
  const double less = peak_memory(*pipeline.unet, config, kNeeds);
  double frozen = 0;  // bytes
  for (const auto& [key, tensor] : pipeline.unet->parameters())
    if (key.starts_with("down_blocks.")) frozen += 4.0 * static_cast<double>(tensor.numel());
  EXPECT_NEAR(whole - less, 3 * frozen, 1);  // two moments, and the sum of gradients
}

/// The gradient of a sum is the larger the more parts it has.
TEST(MemoryPlan, MicroBatchesStayWhereLossesAreNotAveraged) {
  const Pipeline pipeline = tiny_pipeline(0);
  TrainConfig summed = recipe(""), squared = recipe("");
  summed.accum_mode = "sum";
  squared.backward_of = "half_square";
  for (const TrainConfig& config : {summed, squared})
    for (const MemoryPlan& plan : memory_plans(*pipeline.unet, config, kNeeds))
      EXPECT_EQ(plan.batch_size, 8);
}

TEST(MemoryPlan, WithoutALimitNothingChanges) {
  const Pipeline pipeline = tiny_pipeline(0);
  TrainConfig config = recipe("");
  EXPECT_EQ(fit_memory(config, *pipeline.unet, kNeeds), "");
  EXPECT_EQ(config.batch_size, 8);
}

TEST(MemoryPlan, SaysWhatTheLeastWouldBe) {
  const Pipeline pipeline = tiny_pipeline(0);
  TrainConfig config = recipe("10M");
  const std::string little = error_of([&] { fit_memory(config, *pipeline.unet, kNeeds); });
  EXPECT_NE(little.find("10M is too little; the least that trains this network is batch_size "),
            std::string::npos)
      << little;
  config = recipe("much");
  EXPECT_NE(error_of([&] { fit_memory(config, *pipeline.unet, kNeeds); }).find("wanted a size"),
            std::string::npos);
}

}  // namespace
}  // namespace mezzotint
