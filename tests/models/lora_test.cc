// Adapters of low rank in UNet2DModel. Expected values come from peft 0.21 over diffusers 0.42:
// tools/reference/lora.py writes them and says what they are.

#include <cmath>

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <gtest/gtest.h>

#include "mezzotint/models/lora_adapter.h"
#include "mezzotint/models/lora_start.h"
#include "mezzotint/models/unet_2d.h"
#include "mezzotint/ops/engine.h"

#include "tests/models/fixture.h"

namespace mezzotint {
namespace {

using testing::read_json_fixture;
using testing::read_tensor_fixture;
using testing::read_tensors;
using testing::relative_difference;

constexpr int kProjections = 6;

const nlohmann::json& facts() {
  static const nlohmann::json all = read_json_fixture("lora.json");
  return all;
}

const Weights& tensors() {
  static const Weights all = read_tensors("models/data/lora.safetensors");
  return all;
}

Tensor count_up(int64_t n) { return at::arange(n, at::TensorOptions().dtype(at::kDouble)); }

/// The network of the reference.
Weights base_weights() {
  const UNet2DModel unet(facts().at("config"), RandomStream(5));
  int64_t k = 0;
  for (const auto& [key, tensor] : unet.parameters()) {
    if (tensor.dim() == 1) Tensor(tensor).add_((count_up(tensor.numel()) + k).sin() * 0.25);
    ++k;
  }
  return unet.parameters();
}

/// What peft saved under `name`, each layer counted `scale` times.
LoraAdapter saved_adapter(const std::string& name, double scale) {
  const Weights weights = read_tensors("pipelines/data/lora/" + name + "/adapter_model.safetensors",
                                       "base_model.model.");
  LoraAdapter adapter;
  for (const std::string& module : adaptable_modules(base_weights()))
    if (const Tensor a = weights.find(module + ".lora_A.weight"); a.defined())
      adapter.set(module, {a, weights.at(module + ".lora_B.weight"), scale});
  return adapter;
}

LoraAdapter style() { return saved_adapter("style", 2); }

UNet2DModel network(const LoraAdapter& adapter) {
  return UNet2DModel(facts().at("config"), base_weights(), adapter);
}

Tensor run(const UNet2DModel& unet) { return unet.forward(tensors().at("x"), tensors().at("t")); }

/// Norm and projections of a gradient.
Tensor digest(const Tensor& gradient) {
  const Tensor g = gradient.to(at::kDouble).flatten(), i = count_up(g.numel());
  std::vector<Tensor> parts = {g.norm()};
  for (int j = 0; j < kProjections; ++j)
    parts.push_back((g * std::sqrt(2.0) * (i * (0.37 * (j + 1)) + j).cos()).sum());
  return at::stack(parts);
}

class LoraOfEngine : public ::testing::TestWithParam<ops::Engine> {
 protected:
  ops::EngineGuard engine{GetParam()};
};

TEST_P(LoraOfEngine, ForwardIsPefts) {
  EXPECT_LE(relative_difference(run(network({})), tensors().at("y.base")), 1e-5);
  EXPECT_LE(relative_difference(run(network(style())), tensors().at("y.style")), 1e-5);
  EXPECT_GT(relative_difference(run(network({})), tensors().at("y.style")), 0.1);
}

TEST_P(LoraOfEngine, GradientsArePeftsAndFrozenWeightsHaveNone) {
  const UNet2DModel unet = network(style());
  const Weights learned = unet.adapter().parameters();
  for (const auto& [key, tensor] : learned) tensor.requires_grad_(true);
  (run(unet) * tensors().at("v")).sum().backward();
  const nlohmann::json& expected = facts().at("gradients");
  ASSERT_EQ(learned.size(), expected.size());
  for (const auto& [key, tensor] : learned) {
    const auto numbers = expected.at(key).get<std::vector<double>>();
    const Tensor got = digest(tensor.grad());
    for (size_t i = 0; i < numbers.size(); ++i)
      EXPECT_NEAR(got[static_cast<int64_t>(i)].item<double>(), numbers[i], 1e-4 * numbers[0])
          << key;
  }
  for (const auto& [key, tensor] : unet.parameters()) EXPECT_FALSE(tensor.grad().defined()) << key;
}

TEST_P(LoraOfEngine, CheckpointedGradientsAreTheSame) {
  const auto gradients = [](bool checkpointing) {
    UNet2DModel unet = network(style());
    unet.set_gradient_checkpointing(checkpointing);
    for (const auto& [key, tensor] : unet.adapter().parameters()) tensor.requires_grad_(true);
    (run(unet) * tensors().at("v")).sum().backward();
    Weights all;
    for (const auto& [key, tensor] : unet.adapter().parameters()) all.set(key, tensor.grad());
    return all;
  };
  const Weights plain = gradients(false), again = gradients(true);
  for (const auto& [key, gradient] : plain) EXPECT_TRUE(gradient.equal(again.at(key))) << key;
}

INSTANTIATE_TEST_SUITE_P(Both, LoraOfEngine,
                         ::testing::Values(ops::Engine::kFast, ops::Engine::kReference),
                         [](const auto& about) {
                           return about.param == ops::Engine::kFast ? "Fast" : "Reference";
                         });

TEST(Lora, MergedIsUnmerged) {
  const LoraAdapter adapter = style();
  const Tensor expected = run(network(adapter));
  const UNet2DModel merged(facts().at("config"), merged_weights(base_weights(), adapter));
  EXPECT_LE(relative_difference(run(merged), expected), 1e-5);
  const UNet2DModel in_place = network({});
  merge_into(in_place.parameters(), adapter, 1, "test");
  EXPECT_TRUE(run(in_place).equal(run(merged)));
}

/// The second adapter's scales follow from its adapter_config.json: rsLoRA's alpha / sqrt(rank), in
/// conv2 rank 4, there 1.5 as alpha in the middle and 5 in to_q.
LoraAdapter pose() {
  LoraAdapter adapter;
  for (auto [module, change] : saved_adapter("pose", 1)) {
    const bool conv2 = module.ends_with("conv2"), mid = module.starts_with("mid_block");
    const double alpha = conv2 && mid ? 1.5 : module.ends_with("to_q") ? 5 : 4;
    change.scale = alpha / std::sqrt(conv2 ? 4.0 : 2.0);
    adapter.set(module, change);
  }
  return adapter;
}

TEST(Lora, SeveralAddUpInAnyOrder) {
  const UNet2DModel first = network({}), second = network({});
  merge_into(first.parameters(), style(), 0.75, "style");
  merge_into(first.parameters(), pose(), -0.5, "pose");
  merge_into(second.parameters(), pose(), -0.5, "pose");
  merge_into(second.parameters(), style(), 0.75, "style");
  EXPECT_LE(relative_difference(run(first), tensors().at("y.both")), 1e-5);
  EXPECT_LE(relative_difference(run(second), run(first)), 1e-5);
}

TEST(Lora, WhatIsTakenAwayWasntThere) {
  const UNet2DModel unet = network({});
  merge_into(unet.parameters(), style(), 1, "style");
  merge_into(unet.parameters(), style(), -1, "style");
  EXPECT_LE(relative_difference(run(unet), tensors().at("y.base")), 1e-5);
}

LoraConfig of_rank_3() { return {.rank = 3, .alpha = 6}; }

TEST(LoraStart, DrawsWhatPeftDrawsFromTheStream) {
  const LoraAdapter adapter =
      start_lora(base_weights(), of_rank_3(), RandomStream(stream_seed(7, "lora")));
  const nlohmann::json& expected = facts().at("start");
  ASSERT_EQ(adapter.size(), expected.size());
  for (const auto& [module, change] : adapter) {
    const Tensor a = change.a.flatten();
    EXPECT_EQ(a[0].item<double>(), expected.at(module)[0].get<double>()) << module;
    EXPECT_EQ(a[-1].item<double>(), expected.at(module)[1].get<double>()) << module;
    EXPECT_NEAR(a.to(at::kDouble).sum().item<double>(), expected.at(module)[2].get<double>(), 1e-9);
    EXPECT_EQ(change.b.abs().max().item<float>(), 0);
    EXPECT_EQ(change.scale, 2);
  }
  EXPECT_TRUE(run(network(adapter)).equal(run(network({}))));
}

TEST(LoraStart, TargetsAreGroupsNamesAndPatterns) {
  const Weights parameters = base_weights();
  const auto count = [&](const std::vector<std::string>& targets) {
    return lora_targets(parameters, targets).size();
  };
  // An attention in the middle, one on the way down, two on the way up.
  EXPECT_EQ(count({"attention"}), 4 * 4);
  EXPECT_EQ(count({"conv"}), count({"conv1", "conv2", "conv_shortcut", "*samplers.0.conv"}));
  EXPECT_EQ(count({"*samplers.*"}), 4);
  EXPECT_EQ(count({"to_q", "attention"}), count({"attention"}));
  EXPECT_EQ(count({"mid_block.*.to_?"}), 3);
  EXPECT_EQ(count({"resnets.0.conv1"}), 7);
  EXPECT_EQ(count({"*"}), adaptable_modules(parameters).size());
}

template <class Run>
std::string error_of(const Run& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(LoraStart, SaysWhatCantBe) {
  const Weights parameters = base_weights();
  const auto said = [&](const LoraConfig& config) {
    return error_of([&] { start_lora(parameters, config, RandomStream(0)); });
  };
  EXPECT_NE(said({.rank = -1}).find("rank: got -1"), std::string::npos);
  EXPECT_NE(said({.rank = 4, .alpha = -2}).find("alpha: got -2"), std::string::npos);
  EXPECT_NE(said({.rank = 4, .targets = {}}).find("targets: got none"), std::string::npos);
  EXPECT_NE(said({.rank = 4, .targets = {"atention"}}).find("did you mean 'attention'?"),
            std::string::npos);
  EXPECT_NE(said({.rank = 4, .targets = {"norm1"}}).find("'norm1' names no linear"),
            std::string::npos);
}

TEST(Lora, WhatDoesntFitIsNamed) {
  const Weights parameters = base_weights();
  const auto said = [&](const std::string& module, const ops::LowRank& change) {
    LoraAdapter adapter;
    adapter.set(module, change);
    const std::string message = error_of([&] { check_fits(adapter, parameters, "folder"); });
    const bool fits = message == "no error";
    EXPECT_EQ(error_of([&] { network(adapter); }) == "no error", fits);
    EXPECT_EQ(error_of([&] { merge_into(base_weights(), adapter, 1, "folder"); }), message);
    return message;
  };
  const Tensor a = at::ones({2, 24}), b = at::ones({24, 2});
  EXPECT_EQ(said("mid_block.attentions.0.to_q", {a, b}), "no error");
  EXPECT_EQ(said("mid_block.attentions.0.to_q", {at::ones({2, 32}), b}),
            "folder: mid_block.attentions.0.to_q: lora_A is [2, 32] and lora_B [24, 2], the "
            "network's weight [24, 24]; it was made for another network");
  EXPECT_NE(said("mid_block.attentions.0.to_q", {a, at::ones({24, 3})}).find("lora_B [24, 3]"),
            std::string::npos);
  EXPECT_NE(said("mid_block.resnets.0.conv1", {a, b}).find("weight [24, 24, 3, 3]"),
            std::string::npos);
  EXPECT_NE(said("mid_block.atentions.0.to_q", {a, b}).find("'mid_block.attentions.0.to_q'?"),
            std::string::npos);
  EXPECT_NE(said("mid_block.resnets.0.norm1", {a, b}).find("is no linear or convolutional layer"),
            std::string::npos);
}

}  // namespace
}  // namespace mezzotint
