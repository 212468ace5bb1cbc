#include "mezzotint/training/pace.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

/// A measurement leaves no trace: weights, and what a run after it draws.
TEST(Pace, LeavesTheRunAsItWas) {
  for (const int64_t classes : {0, 3}) {
    TrainConfig config = tiny_recipe();
    config.max_train_steps = 3;
    const Pipeline measured = tiny_pipeline(classes), other = tiny_pipeline(classes);
    const Pace pace = measure_pace(measured, config, 8, 8, 3);
    EXPECT_GT(pace.micro_batch, 0);
    EXPECT_GT(pace.sampled, 0);
    EXPECT_GT(pace.micro_batch, pace.sampled);
    const Weights same = trainable_parameters(other);
    for (const auto& [key, tensor] : trainable_parameters(measured)) {
      EXPECT_TRUE(tensor.equal(same.at(key))) << key;
      EXPECT_FALSE(tensor.grad().defined()) << key;
    }
    train(measured, tiny_batches(classes), tiny_options(config));
    train(other, tiny_batches(classes), tiny_options(config));
    for (const auto& [key, tensor] : trainable_parameters(measured))
      EXPECT_TRUE(tensor.equal(same.at(key))) << key;
  }
}

TEST(Pace, SaysNothingOfANetworkWithoutNumbers) {
  for (const char* policy : {"skip", "stop"}) {
    TrainConfig config = tiny_recipe();
    config.on_nonfinite = policy;
    const Pipeline pipeline = tiny_pipeline(0);
    pipeline.unet->parameters().at("conv_out.bias").fill_(std::nanf(""));
    EXPECT_EQ(measure_pace(pipeline, config, 8, 8, 3).micro_batch, 0) << policy;
  }
}

TEST(Pace, MeasuresFrozenNetworksToo) {
  TrainConfig config = tiny_recipe();
  config.freeze = {"down_blocks.*"};
  EXPECT_GT(measure_pace(tiny_pipeline(0), config, 8, 8, 3).micro_batch, 0);
}

}  // namespace
}  // namespace mezzotint
