// What a run does about losses and gradients that aren't finite.

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "mezzotint/io/safetensors.h"
#include "mezzotint/training/checkpoint.h"
#include "mezzotint/training/train_state.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

/// Good batches, but for one picture of micro-batch 5 of the first epoch.
BatchSource one_bad_picture() {
  const BatchSource good = tiny_batches(0);
  return {kBatches, [good](int64_t epoch, int64_t index) {
            Batch batch = good.batch(epoch, index);
            if (epoch == 0 && index == 4) {
              batch.x0_bchw = batch.x0_bchw.clone();
              batch.x0_bchw[2].fill_(std::nanf(""));
            }
            return batch;
          }};
}

/// Losses are fine, but the gradient of conv_out.bias is no number in micro-batch 5.
class BadGradient : public DenoisingLearner {
 public:
  using DenoisingLearner::DenoisingLearner;
  MicroBatch micro_batch(int64_t epoch, int64_t index) override {
    MicroBatch batch = DenoisingLearner::micro_batch(epoch, index);
    if (epoch == 0 && index == 4)
      batch.losses = [this, losses = batch.losses](int64_t first, int64_t count) {
        const Tensor nothing = parameters().at("unet.conv_out.bias").sum() * 0;
        return losses(first, count) + nothing.sqrt();  // the slope of a root at 0
      };
    return batch;
  }
};

TrainConfig recipe(const std::string& policy) {
  TrainConfig config = tiny_recipe();
  config.on_nonfinite = policy;
  config.num_epochs = 2;
  config.save_model_every = 1;
  config.log_every = 1;
  return config;
}

std::vector<std::string> texts(const Kept& kept, const std::string& name) {
  std::vector<std::string> found;
  for (const Record& record : kept.records)
    if (record.name == name && record.text()) found.push_back(*record.text());
  return found;
}

bool all_finite(const Pipeline& pipeline) {
  for (const auto& [key, tensor] : pipeline.unet->parameters())
    if (!std::isfinite(tensor.abs().sum().item<double>())) return false;
  return true;
}

TEST(Nonfinite, NamesUpdateLayerAndTimestepAndKeepsCheckpoints) {
  const ScratchFolder folder;
  TrainOptions options = tiny_options(recipe("stop"));
  options.folder = folder.path();
  const Pipeline pipeline = tiny_pipeline(0);
  const std::string message = error_of([&] { train(pipeline, one_bad_picture(), options); });
  RandomStream timesteps(stream_seed(kSeed, "timesteps"));
  Tensor drawn;
  for (int i = 0; i < 5; ++i) drawn = timesteps.randint(0, 1000, {kBatch});
  EXPECT_NE(message.find(concat("the loss is nan in micro-batch 5 (update 3, epoch 1), first seen "
                                "in the picture, at the timesteps ",
                                drawn[2].item<int64_t>(), ";")),
            std::string::npos)
      << message;
  EXPECT_NE(
      message.find("the last good state is " + (folder / "checkpoints/update-00000002").string()),
      std::string::npos)
      << message;
  std::vector<std::string> warnings;
  EXPECT_EQ(latest_checkpoint(folder / "checkpoints", warnings),
            folder / "checkpoints/update-00000002");
}

TEST(Nonfinite, NamesTheLayerThatBroke) {
  const Pipeline pipeline = tiny_pipeline(0);
  const Tensor weight = pipeline.unet->parameters().at("up_blocks.0.resnets.0.conv1.weight");
  weight.view(-1)[5].fill_(std::numeric_limits<float>::infinity());
  const std::string message =
      error_of([&] { train(pipeline, tiny_batches(0), tiny_options(recipe("stop"))); });
  EXPECT_NE(message.find("first seen in up_blocks.0.resnets.0 (its conv1.weight isn't finite)"),
            std::string::npos)
      << message;
}

TEST(Nonfinite, NamesTheGradientAndPutsTheLastGoodStateBack) {
  const ScratchFolder folder;
  for (const double max_grad_norm : {0.0, 0.5}) {  // updates on the way, and all at once
    TrainConfig config = recipe("stop");
    config.grad_accumulation_steps = 1;
    config.max_grad_norm = max_grad_norm;
    TrainOptions options = tiny_options(config);
    options.folder = folder / std::to_string(max_grad_norm);
    const Pipeline pipeline = tiny_pipeline(0);
    BadGradient learner(pipeline, tiny_batches(0), config, {});
    const std::string message = error_of([&] { mezzotint::train(learner, options); });
    EXPECT_NE(message.find("the gradient of unet.conv_out.bias isn't finite in update 5 (epoch 1), "
                           "at the timesteps "),
              std::string::npos)
        << message;
    const Weights saved =
        read_safetensors(options.folder / "checkpoints/update-00000004/model.safetensors").weights;
    for (const auto& [key, tensor] : trainable_parameters(pipeline))
      EXPECT_TRUE(tensor.detach().equal(saved.at(key))) << key;
  }
}

/// Two epochs of four updates, one left out.
void expect_one_skipped(const Kept& kept, const TrainResult& result) {
  EXPECT_EQ(result.position.update, 8);
  EXPECT_EQ(result.position.micro_batch, 14);
  EXPECT_EQ(result.position.images, 14 * kBatch);
  EXPECT_EQ(texts(kept, "skipped").size(), 1u);
  EXPECT_EQ(kept.numbers("grad_norm").size(), 7u);
  for (const double loss : result.epoch_losses) EXPECT_TRUE(std::isfinite(loss));
}

TEST(Nonfinite, SkippingLeavesTheUpdateOut) {
  TrainConfig config = recipe("skip");
  config.max_grad_norm = 0;
  TrainOptions options = tiny_options(config);
  const auto kept = std::make_shared<Kept>(), other = std::make_shared<Kept>();
  options.loggers = {kept};
  const Pipeline pipeline = tiny_pipeline(0);
  expect_one_skipped(*kept, train(pipeline, one_bad_picture(), options));
  EXPECT_TRUE(all_finite(pipeline));

  options.loggers = {other};
  BadGradient learner(pipeline, tiny_batches(0), config, {});
  expect_one_skipped(*other, mezzotint::train(learner, options));
  EXPECT_TRUE(all_finite(pipeline));
}

/// A run that skipped is the same whether it was interrupted or not, before the trouble or after.
TEST(Nonfinite, SkippingIsResumedToTheSameBits) {
  const ScratchFolder folder;
  TrainConfig config = recipe("skip");
  config.keep_checkpoints = 100;
  TrainOptions options = tiny_options(config);
  options.folder = folder.path();
  const Pipeline whole = tiny_pipeline(0);
  train(whole, one_bad_picture(), options);
  options.folder = folder / "other";
  for (const char* from : {"update-00000001", "update-00000003"}) {
    options.resume_from = folder / "checkpoints" / from;
    const Pipeline again = tiny_pipeline(0);
    train(again, one_bad_picture(), options);
    const Weights wanted = trainable_parameters(whole);
    for (const auto& [key, tensor] : trainable_parameters(again))
      EXPECT_TRUE(tensor.equal(wanted.at(key))) << from << " " << key;
  }
}

/// The bad picture is in the epoch's leftover, which the next epoch's first update takes in.
TEST(Nonfinite, SkippingGoesOnIntoTheNextEpochWhereLeftoversAreCarried) {
  TrainConfig config = recipe("skip");
  config.accum_leftover = "carry";
  config.grad_accumulation_steps = 3;  // of 7: 3 + 3, and 1 left over
  const BatchSource good = tiny_batches(0);
  const BatchSource source{kBatches, [&](int64_t epoch, int64_t index) {
                             Batch batch = good.batch(epoch, index);
                             if (index == 6) batch.x0_bchw = batch.x0_bchw * std::nanf("");
                             return batch;
                           }};
  TrainOptions options = tiny_options(config);
  const auto kept = std::make_shared<Kept>();
  options.loggers = {kept};
  const Pipeline pipeline = tiny_pipeline(0);
  const TrainResult result = train(pipeline, source, options);
  EXPECT_EQ(result.position.epoch, 2);
  EXPECT_EQ(result.position.micro_batch, 14);
  EXPECT_EQ(kept->numbers("epoch_loss").size(), 2u);
  EXPECT_EQ(texts(*kept, "skipped").size(), 2u);
  EXPECT_TRUE(all_finite(pipeline));
}

TEST(Nonfinite, SkippingForEverIsGivenUp) {
  const Pipeline pipeline = tiny_pipeline(0);
  const Tensor weight = pipeline.unet->parameters().at("conv_in.weight");
  weight.fill_(std::nanf(""));
  TrainConfig config = recipe("skip");
  config.num_epochs = 100;
  const std::string message =
      error_of([&] { train(pipeline, tiny_batches(0), tiny_options(config)); });
  EXPECT_NE(message.find("20 updates in a row were skipped"), std::string::npos) << message;
}

TEST(Nonfinite, GoingBackHalvesTheLearningRate) {
  const ScratchFolder folder;
  TrainConfig config = recipe("rollback");
  config.lr_schedule = "constant";
  config.warmup = 0;
  TrainOptions options = tiny_options(config);
  options.folder = folder.path();
  const auto kept = std::make_shared<Kept>();
  options.loggers = {kept};
  // Broken the first time only, as when a large step had been the cause.
  const BatchSource bad = one_bad_picture(), good = tiny_batches(0);
  int seen = 0;
  const BatchSource once{kBatches, [&](int64_t epoch, int64_t index) {
                           const bool now = epoch == 0 && index == 4 && seen++ == 0;
                           return (now ? bad : good).batch(epoch, index);
                         }};
  const Pipeline pipeline = tiny_pipeline(0);
  const TrainResult result = train(pipeline, once, options);
  EXPECT_EQ(result.position.update, 8);
  ASSERT_EQ(texts(*kept, "rolled_back").size(), 1u);
  EXPECT_NE(texts(*kept, "rolled_back")[0].find("back from update 2 to 2, on with 0.5 of the"),
            std::string::npos)
      << texts(*kept, "rolled_back")[0];
  EXPECT_DOUBLE_EQ(kept->numbers("lr").front(), config.lr);
  EXPECT_DOUBLE_EQ(kept->numbers("lr").back(), config.lr / 2);
  EXPECT_TRUE(all_finite(pipeline));
}

TEST(Nonfinite, GoingBackForEverIsGivenUp) {
  const ScratchFolder folder;
  TrainOptions options = tiny_options(recipe("rollback"));
  options.folder = folder.path();
  const Pipeline pipeline = tiny_pipeline(0);
  const std::string message = error_of([&] { train(pipeline, one_bad_picture(), options); });
  EXPECT_NE(message.find("ten halvings of the learning rate didn't help"), std::string::npos)
      << message;
}

TEST(Nonfinite, GoingBackNeedsAFolder) {
  const Pipeline pipeline = tiny_pipeline(0);
  const std::string message =
      error_of([&] { train(pipeline, tiny_batches(0), tiny_options(recipe("rollback"))); });
  EXPECT_NE(message.find("without a folder"), std::string::npos) << message;
}

}  // namespace
}  // namespace mezzotint
