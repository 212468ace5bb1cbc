#include <gtest/gtest.h>

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

TEST(Train, ConditionalNetWithoutLabelsIsRefused) {
  const Pipeline pipeline = tiny_pipeline(3);
  const std::string message =
      error_of([&] { train(pipeline, tiny_batches(0), tiny_options(tiny_recipe())); });
  EXPECT_NE(message.find("the data has no labels"), std::string::npos) << message;
}

TEST(Train, TheLabelTableLearns) {
  TrainConfig config = tiny_recipe();
  config.max_train_steps = 4;
  const Pipeline pipeline = tiny_pipeline(3);
  const Tensor before = pipeline.class_emb.detach().clone();
  train(pipeline, tiny_batches(3), tiny_options(config));
  for (int64_t label = 0; label < 3; ++label)
    EXPECT_FALSE(before[label].equal(pipeline.class_emb.detach()[label]));
}

TEST(Train, RecordsCountEverything) {
  TrainConfig config = tiny_recipe();
  config.log_every = 5;
  TrainOptions options = tiny_options(config);
  const auto kept = std::make_shared<Kept>();
  options.loggers = {kept};
  const Pipeline pipeline = tiny_pipeline(0);
  const TrainResult result = train(pipeline, tiny_batches(0), options);
  const std::vector<double> losses = kept->numbers("loss");
  EXPECT_EQ(losses.size(), 35u);
  EXPECT_EQ(kept->numbers("lr").size(), 4u);
  EXPECT_EQ(kept->numbers("grad_norm").size(), 4u);
  EXPECT_EQ(kept->numbers("memory_mb").size(), 4u);
  EXPECT_EQ(kept->numbers("stratified_loss").size(), 4u);
  ASSERT_EQ(kept->numbers("epoch_loss"), result.epoch_losses);
  double sum = 0;
  for (int64_t i = 0; i < kBatches; ++i) sum += losses[static_cast<size_t>(i)];
  EXPECT_DOUBLE_EQ(result.epoch_losses[0], sum / kBatches);
}

/// Gradients are kept for the look, which changes nothing of the update.
TEST(Train, HistogramsOfWeightsAndGradients) {
  TrainConfig config = tiny_recipe();
  config.max_grad_norm = 0;  // updates on the way, but for those that are looked at
  config.max_train_steps = 4;
  const Pipeline plain = tiny_pipeline(0), watched = tiny_pipeline(0);
  train(plain, tiny_batches(0), tiny_options(config));
  config.log_histograms_every = 2;
  TrainOptions options = tiny_options(config);
  const auto kept = std::make_shared<Kept>();
  options.loggers = {kept};
  train(watched, tiny_batches(0), options);
  int64_t weights = 0, gradients = 0;
  for (const Record& record : kept->records) {
    if (!record.histogram()) continue;
    weights += record.name.starts_with("weights/unet.") ? 1 : 0;
    gradients += record.name.starts_with("gradients/unet.") ? 1 : 0;
    EXPECT_TRUE(record.at.update == 2 || record.at.update == 4);
  }
  const Weights same = trainable_parameters(plain);
  EXPECT_EQ(weights, 2 * static_cast<int64_t>(same.size()));
  EXPECT_EQ(gradients, weights);
  for (const auto& [key, tensor] : trainable_parameters(watched))
    EXPECT_TRUE(tensor.equal(same.at(key))) << key;
}

TEST(Train, NothingOfAGraphStays) {
  TrainConfig config = tiny_recipe();
  config.max_train_steps = 1;
  const Pipeline pipeline = tiny_pipeline(0);
  train(pipeline, tiny_batches(0), tiny_options(config));
  for (const auto& [key, parameter] : trainable_parameters(pipeline)) {
    EXPECT_FALSE(parameter.grad().defined()) << key;
    EXPECT_TRUE(parameter.is_leaf()) << key;
  }
}

}  // namespace
}  // namespace mezzotint
