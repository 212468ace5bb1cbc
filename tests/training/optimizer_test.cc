#include "mezzotint/training/optimizer.h"

#include <ATen/ops/ones.h>

#include <gtest/gtest.h>

#include "mezzotint/training/step_in_backward.h"
#include "mezzotint/training/train_state.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

struct Ended {
  Weights parameters, average;
  std::vector<double> losses;
};

Ended trained(double max_grad_norm, const std::string& optimizer, bool checkpointing = false) {
  TrainConfig config = tiny_recipe();
  config.max_grad_norm = max_grad_norm;
  config.gradient_checkpointing = checkpointing;
  config.optimizer = optimizer;
  config.num_epochs = 2;
  const Pipeline pipeline = tiny_pipeline(3);
  const TrainResult result = train(pipeline, tiny_batches(3), tiny_options(config));
  return {trainable_parameters(pipeline), result.ema->average(), result.epoch_losses};
}

void expect_same(const Weights& a, const Weights& b) {
  ASSERT_EQ(a.keys(), b.keys());
  for (const auto& [key, tensor] : a) EXPECT_TRUE(tensor.equal(b.at(key))) << key;
}

// Without clipping the update is made during the backward pass; clipping to a norm that is never
// reached makes it afterwards.
TEST(Optimizer, UpdatesDuringBackwardAreThoseAfterIt) {
  for (const char* optimizer : {"adamw", "adam"}) {
    const Ended during = trained(0, optimizer), after = trained(1e12, optimizer);
    expect_same(during.parameters, after.parameters);
    expect_same(during.average, after.average);
    EXPECT_EQ(during.losses, after.losses);
  }
}

TEST(Optimizer, GradientCheckpointingChangesNoBit) {
  for (const double max_grad_norm : {0.0, 0.5}) {
    const Ended with = trained(max_grad_norm, "adamw", true),
                without = trained(max_grad_norm, "adamw", false);
    expect_same(with.parameters, without.parameters);
    expect_same(with.average, without.average);
    EXPECT_EQ(with.losses, without.losses);
  }
}

Weights two_parameters() {
  Weights weights;
  for (const char* key : {"a", "b"}) weights.set(key, at::ones({3}).requires_grad_(true));
  return weights;
}

TEST(StepInBackward, DropsGradientsAndTellsTheirNorm) {
  const Weights weights = two_parameters();
  Optimizer optimizer(TrainConfig{}, weights);
  {
    StepInBackward stepping(optimizer, {.lr = 0.1});
    (weights.at("a") * 2 + weights.at("b") * 4).sum().backward();
    EXPECT_NEAR(stepping.finish(), std::sqrt(3 * 4 + 3 * 16), 1e-6);
  }
  for (const auto& [key, parameter] : weights) {
    EXPECT_FALSE(parameter.grad().defined()) << key;
    EXPECT_NEAR(parameter[0].item<float>(), 0.9f, 2e-3) << key;  // Adam's first step is lr
  }
  (weights.at("a") * 2).sum().backward();
  EXPECT_TRUE(weights.at("a").grad().defined());  // no hook stays behind
}

TEST(StepInBackward, LeavesWeightsFiniteWhenGradientsArent) {
  const Weights weights = two_parameters();
  Optimizer optimizer(TrainConfig{}, weights);
  StepInBackward stepping(optimizer, {.lr = 0.1});
  (weights.at("a") + (weights.at("b") - 1).sqrt()).sum().backward();
  EXPECT_FALSE(std::isfinite(stepping.finish()));
  for (const auto& [key, parameter] : weights)
    EXPECT_TRUE(parameter.isfinite().all().item<bool>()) << key;
}

TEST(StepInBackward, HalfAGradientIsRefused) {
  const Weights weights = two_parameters();
  Optimizer optimizer(TrainConfig{}, weights);
  StepInBackward stepping(optimizer, {.lr = 0.1});
  weights.at("a").sum().backward();
  EXPECT_NE(error_of([&] { weights.at("a").sum().backward(); }).find("a got gradients twice"),
            std::string::npos);
}

TEST(StepInBackward, AveragesOfParametersWithoutGradientMoveOn) {
  const Weights weights = two_parameters();
  TrainConfig config;
  config.ema_warmup = true;
  config.ema_update_after_step = 100;  // decay 0: the average is the parameter
  Ema during(config, weights), after(config, weights);
  weights.at("b").detach().fill_(5);
  Optimizer optimizer(config, weights);
  StepInBackward stepping(optimizer, {.lr = 0.1, .ema = &during});
  weights.at("a").sum().backward();
  stepping.finish();
  after.update(weights);
  expect_same(during.average(), after.average());
  EXPECT_EQ(during.updates(), after.updates());
}

TEST(Clipping, TheFactorIsTorchs) {
  EXPECT_EQ(clip_factor(0.5, 1.0), 1.0);
  EXPECT_EQ(clip_factor(4.0, 1.0), 1.0 / (4.0 + 1e-6));
}

}  // namespace
}  // namespace mezzotint
