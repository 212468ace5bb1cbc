#include "mezzotint/training/freezing.h"

#include <gtest/gtest.h>

#include "mezzotint/training/train_state.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

std::vector<std::string> learning(const std::vector<std::string>& freeze,
                                  const std::vector<std::string>& train_only) {
  const Weights all = trainable_parameters(tiny_pipeline(3));
  freeze_parameters(all, freeze, train_only);
  return learning_parameters(all).keys();
}

TEST(Freezing, GoesByPatternsOfTheWholeName) {
  EXPECT_EQ(learning({}, {"conv_out.*"}),
            (std::vector<std::string>{"unet.conv_out.weight", "unet.conv_out.bias"}));
  EXPECT_EQ(learning({"*.weight"}, {"unet.conv_out.*"}),
            std::vector<std::string>{"unet.conv_out.bias"});
  EXPECT_EQ(learning({"unet.*"}, {}), std::vector<std::string>{"class_emb.weight"});
}

TEST(Freezing, SaysWhatThereIs) {
  const std::string message = error_of([] { learning({"conv_on.*"}, {}); });
  EXPECT_NE(message.find("freeze: no parameter is called 'conv_on.*'; there are conv_in.*"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find(", class_emb.*"), std::string::npos) << message;
  EXPECT_EQ(message.find(", weight.*"), std::string::npos) << message;
  EXPECT_NE(error_of([] { learning({"*"}, {}); }).find("nothing is left"), std::string::npos);
}

/// Kernels leave out the gradients of what is frozen; the others' must not change by it.
TEST(Freezing, TheGradientsOfTheOthersStayTheSame) {
  const Pipeline pipeline = tiny_pipeline(0);
  const TrainConfig config = tiny_recipe();
  const auto gradients = [&](const std::vector<std::string>& freeze) {
    DenoisingLearner learner(pipeline, tiny_batches(0), config, {});
    freeze_parameters(learner.parameters(), freeze, {});
    const MicroBatch batch = learner.micro_batch(0, 0);
    batch.losses(0, batch.pictures).mean().backward();
    Weights found;
    for (const auto& [key, parameter] : learner.parameters()) {
      if (parameter.grad().defined()) found.set(key, parameter.grad());
      parameter.mutable_grad() = Tensor();
    }
    return found;
  };
  const Weights all = gradients({});
  for (const std::string pattern :
       {"*.weight", "*.bias", "down_blocks.*", "up_blocks.*", "*.norm?.*", "*attentions*"}) {
    const Weights some = gradients({pattern});
    EXPECT_LT(some.size(), all.size()) << pattern;
    EXPECT_GT(some.size(), 0u) << pattern;
    for (const auto& [key, gradient] : some)
      EXPECT_LE((gradient - all.at(key)).abs().max().item<double>(), 1e-6) << pattern << " " << key;
  }
}

TEST(Freezing, FrozenWeightsStayAndHaveNoMomentsNorAverage) {
  TrainConfig config = tiny_recipe();
  config.freeze = {"down_blocks.*"};
  config.max_train_steps = 3;
  const Pipeline pipeline = tiny_pipeline(0);
  const Weights parameters = pipeline.unet->parameters();
  const Tensor frozen = parameters.at("down_blocks.0.resnets.0.conv1.weight"),
               learns = parameters.at("conv_in.weight");
  const Tensor frozen_before = frozen.detach().clone(), learns_before = learns.detach().clone();
  const TrainResult result = train(pipeline, tiny_batches(0), tiny_options(config));
  EXPECT_TRUE(frozen.detach().equal(frozen_before));
  EXPECT_FALSE(learns.detach().equal(learns_before));
  EXPECT_FALSE(result.ema->average().contains("unet.down_blocks.0.resnets.0.conv1.weight"));
  const TrainState state(config, DenoisingLearner(pipeline, tiny_batches(0), config, {}));
  EXPECT_FALSE(state.optimizer.state().contains("step.unet.down_blocks.0.resnets.0.conv1.weight"));
}

}  // namespace
}  // namespace mezzotint
