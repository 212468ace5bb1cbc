// Runs that train an adapter. Losses and tensors are those of the loop in tools/reference/lora.py,
// with peft.

#include <gtest/gtest.h>

#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/image.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/models/lora_start.h"
#include "mezzotint/pipelines/lora_file.h"
#include "mezzotint/training/checkpoint.h"
#include "mezzotint/training/run.h"
#include "mezzotint/training/slices.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

const std::vector<std::string> kLayers = {"attention", "conv"};

LoraConfig rank_2() { return {.rank = 2, .alpha = 3, .targets = kLayers}; }

Pipeline adapted_pipeline() {
  Pipeline pipeline = tiny_pipeline(0);
  const Weights& weights = pipeline.unet->parameters();
  const LoraAdapter adapter =
      start_lora(weights, rank_2(), RandomStream(stream_seed(kSeed, "lora")));
  pipeline.unet = std::make_shared<UNet2DModel>(pipeline.unet->config(), weights, adapter);
  return pipeline;
}

double relative_difference(const Tensor& got, const Tensor& expected) {
  const auto scale = expected.abs().max().item<double>();
  return (got - expected).abs().max().item<double>() / (scale > 0 ? scale : 1);
}

TEST(LoraTraining, IsPeftsLoop) {
  TrainConfig config = tiny_recipe();
  config.num_epochs = 2;
  config.lr = 4e-3;
  const Pipeline pipeline = adapted_pipeline();
  const auto kept = std::make_shared<Kept>();
  TrainOptions options = tiny_options(config);
  options.loggers = {kept};
  const TrainResult result = train(pipeline, tiny_batches(0), options);

  const auto expected =
      read_json(training_data("lora.json")).at("losses").get<std::vector<double>>();
  const std::vector<double> losses = kept->numbers("loss");
  ASSERT_EQ(losses.size(), expected.size());
  for (size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(losses[i], expected[i], 1e-4) << i;

  const Weights tensors = read_safetensors(training_data("lora.safetensors")).weights;
  const Weights raw = tensors.below("raw."), average = tensors.below("ema.");
  const Weights learned = trainable_parameters(pipeline);
  ASSERT_EQ(learned.size(), raw.size());
  for (const auto& [key, tensor] : learned) {
    EXPECT_LE(relative_difference(tensor.detach(), raw.at(key)), 1e-4) << key;
    EXPECT_LE(relative_difference(result.ema->average().at(key), average.at(key)), 1e-4) << key;
  }
}

TEST(LoraTraining, SlicesGiveTheGradientsOfTheWhole) {
  const Pipeline pipeline = adapted_pipeline();
  const Weights learned = trainable_parameters(pipeline);
  for (const auto& [key, tensor] : learned)  // B is zero at first, and A's gradient with it
    tensor.detach().copy_(RandomStream(1).randn(tensor.sizes()) * 0.2);
  const Tensor x = RandomStream(2).randn({4, 3, 8, 8}), t = at::arange(4, at::kLong) * 200;
  const SliceLosses losses = [&](int64_t first, int64_t count) {
    const Tensor y = pipeline.predict()(x.narrow(0, first, count), t.narrow(0, first, count));
    return y.square().mean({1, 2, 3});
  };
  backward_in_slices(losses, 4, 2, 0.25, learned);
  std::vector<Tensor> in_slices;
  for (const auto& [key, tensor] : learned)
    in_slices.push_back(std::exchange(tensor.mutable_grad(), Tensor()));
  losses(0, 4).mean().backward();
  size_t i = 0;
  for (const auto& [key, tensor] : learned)
    EXPECT_LE(relative_difference(in_slices[i++], tensor.grad()), 1e-4) << key;
}

/// A model to adapt and pictures to adapt it to.
class LoraRun : public ::testing::Test {
 protected:
  void SetUp() override {
    save_pipeline(tiny_pipeline(0), folder / "base");
    for (int i = 0; i < 6; ++i) {
      Image image{8, 8, 3, std::vector<uint8_t>(8 * 8 * 3, static_cast<uint8_t>(40 * i))};
      std::filesystem::create_directories(folder / "pictures");
      write_png(folder / "pictures" / (std::to_string(i) + ".png"), image);
    }
  }

  RunConfig config() const {
    RunConfig run;
    run.data = (folder / "pictures").string();
    run.init = (folder / "base").string();
    run.training = tiny_recipe();
    run.training.batch_size = 2;
    run.training.num_epochs = 4;
    run.training.lr = 1e-2;
    run.training.sample_count = 0;
    run.lora = rank_2();
    return run;
  }

  ScratchFolder folder;
};

Tensor outputs(const Pipeline& pipeline) {
  return pipeline.predict()(RandomStream(4).randn({2, 3, 8, 8}), at::arange(2, at::kLong) * 500);
}

TEST_F(LoraRun, LeavesTheAdapterAndTheMergedModel) {
  start_run(config(), folder / "run");
  const LoraFile average = load_lora(folder / "run"),
                 raw = load_lora(folder / "run/adapter_non_ema");
  EXPECT_EQ(average.base_model(), (folder / "base").string());
  EXPECT_EQ(average.adapter.size(), raw.adapter.size());
  const Pipeline base = load_pipeline(folder / "base"),
                 merged = load_pipeline(folder / "run/model");
  const Tensor before = outputs(base), after = outputs(merged);
  EXPECT_GT(relative_difference(after, before), 1e-3);
  merge_into(base.unet->parameters(), average.adapter, 1, "adapter");
  EXPECT_TRUE(outputs(base).equal(after));
  const Pipeline other = load_pipeline(folder / "base");
  merge_into(other.unet->parameters(), raw.adapter, 1, "adapter");
  EXPECT_GT(relative_difference(outputs(other), after), 1e-6);
}

TEST_F(LoraRun, ACheckpointHoldsTheAdapterAlone) {
  start_run(config(), folder / "run");
  std::vector<std::string> warnings;
  const auto checkpoint = latest_checkpoint(folder / "run/checkpoints", warnings);
  for (const char* file : {"model.safetensors", "ema.safetensors", "optimizer.safetensors"})
    for (const auto& [key, tensor] : read_safetensors(*checkpoint / file).weights)
      EXPECT_NE(key.find(".lora_"), std::string::npos) << key;
}

RunHooks stopping_after(int64_t micro_batches) {
  RunHooks hooks;
  hooks.on_start = [micro_batches, cancel = hooks.cancel](const PreparedRun&, const Position&) {
    return std::vector<LoggerPtr>{std::make_shared<StopAfter>(micro_batches, cancel)};
  };
  return hooks;
}

TEST_F(LoraRun, ResumedEndsWithTheSameBits) {
  start_run(config(), folder / "whole");
  EXPECT_THROW(start_run(config(), folder / "cut", stopping_after(3)), Error);
  EXPECT_THROW(resume_run(folder / "cut", stopping_after(6)), Error);
  resume_run(folder / "cut");
  for (const char* file :
       {"adapter/adapter_model.safetensors", "adapter_non_ema/adapter_model.safetensors",
        "model/unet/diffusion_pytorch_model.safetensors"})
    EXPECT_EQ(read_file(folder / "whole" / file), read_file(folder / "cut" / file)) << file;
}

TEST_F(LoraRun, AnotherBaseModelIsNoticed) {
  EXPECT_THROW(start_run(config(), folder / "run", stopping_after(3)), Error);
  const Pipeline changed = load_pipeline(folder / "base");
  Tensor(changed.unet->parameters().at("conv_in.bias")).add_(1);
  save_pipeline(changed, folder / "base");
  const std::string message = error_of([&] { resume_run(folder / "run"); });
  EXPECT_NE(message.find("isn't the model that the run began with"), std::string::npos) << message;
  // A new run with the old one's settings begins with the model as it is now.
  RunConfig again = read_run_config(folder / "run/config.json");
  EXPECT_EQ(error_of([&] { start_run(again, folder / "again"); }), "no error");
}

TEST_F(LoraRun, SaysWhatCantBe) {
  const auto said = [&](const std::function<void(RunConfig&)>& change) {
    RunConfig run = config();
    change(run);
    const std::string message = error_of([&] { start_run(run, folder / "refused"); });
    EXPECT_FALSE(std::filesystem::exists(folder / "refused")) << message;
    return message;
  };
  EXPECT_NE(said([](RunConfig& c) { c.init = ""; }).find("give --init MODEL"), std::string::npos);
  EXPECT_NE(said([](RunConfig& c) { c.recipe = "classifier"; }).find("trains whole networks"),
            std::string::npos);
  EXPECT_NE(said([](RunConfig& c) { c.lora.rank = -1; }).find("rank: got -1"), std::string::npos);
  EXPECT_NE(said([](RunConfig& c) { c.lora.targets = {"to_x"}; }).find("'to_x' names no linear"),
            std::string::npos);
}

}  // namespace
}  // namespace mezzotint
