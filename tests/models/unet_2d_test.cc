#include "mezzotint/models/unet_2d.h"

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <gtest/gtest.h>

#include "mezzotint/base/caching_allocator.h"
#include "mezzotint/models/unet_blocks.h"

namespace mezzotint {
namespace {

using Json = nlohmann::json;

Json small_net(const Json& change = Json::object()) {
  Json json = {{"block_out_channels", {8, 16}},
               {"down_block_types", {"DownBlock2D", "AttnDownBlock2D"}},
               {"up_block_types", {"AttnUpBlock2D", "UpBlock2D"}},
               {"layers_per_block", 1},
               {"norm_num_groups", 4}};
  json.update(change);
  return json;
}

UNet2DModel make(const Json& change = Json::object()) {
  return UNet2DModel(small_net(change), RandomStream(0));
}

Tensor picture(IntArrayRef shape) { return RandomStream(7).randn(shape); }

std::string fault_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFailed);
    return error.what();
  }
  return "accepted";
}

#define EXPECT_FAULT(action, says)                               \
  do {                                                           \
    const std::string message = fault_of([&] { action; });       \
    EXPECT_NE(message.find(says), std::string::npos) << message; \
  } while (false)

// The counts are those of google/ddpm-celebahq-256, google/ddpm-cifar10-32 and the course's
// class-conditional net.
TEST(UNet2DModel, CountsTheParametersOfKnownModels) {
  const std::string down = "DownBlock2D", up = "UpBlock2D";
  const std::string attn_down = "AttnDownBlock2D", attn_up = "AttnUpBlock2D";
  const Json celebahq = {{"block_out_channels", {128, 128, 256, 256, 512, 512}},
                         {"down_block_types", {down, down, down, down, attn_down, down}},
                         {"up_block_types", {up, attn_up, up, up, up, up}},
                         {"attention_head_dim", nullptr}};
  const Json cifar10 = {{"block_out_channels", {128, 256, 256, 256}},
                        {"down_block_types", {down, attn_down, down, down}},
                        {"up_block_types", {up, up, attn_up, up}}};
  const Json mnist = {{"in_channels", 5},
                      {"out_channels", 1},
                      {"block_out_channels", {32, 64, 64}},
                      {"down_block_types", {down, attn_down, attn_down}},
                      {"up_block_types", {attn_up, attn_up, up}}};
  EXPECT_EQ(UNet2DModel::parameter_shapes(celebahq).element_count(), 113673219);
  EXPECT_EQ(UNet2DModel::parameter_shapes(cifar10).element_count(), 35746307);
  EXPECT_EQ(UNet2DModel::parameter_shapes(mnist).element_count(), 1708161);
}

TEST(UNet2DModel, LoadsItsOwnWeights) {
  const UNet2DModel model = make();
  const UNet2DModel again(model.config(), model.parameters());
  const Tensor x = picture({2, 3, 8, 8}), t = at::tensor({5, 500});
  EXPECT_TRUE(again.forward(x, t).equal(model.forward(x, t)));
}

TEST(UNet2DModel, LoadsHalfPrecisionAsFloat32) {
  const UNet2DModel model = make();
  Weights half;
  for (const auto& [key, tensor] : model.parameters()) half.set(key, tensor.to(at::kHalf));
  const UNet2DModel loaded(small_net(), half);
  for (const auto& [key, tensor] : loaded.parameters()) {
    EXPECT_EQ(tensor.scalar_type(), at::kFloat);
    EXPECT_TRUE(tensor.equal(half.at(key).to(at::kFloat))) << key;
  }
  EXPECT_EQ(loaded.forward(picture({1, 3, 8, 8}), at::tensor({3})).scalar_type(), at::kFloat);
}

TEST(UNet2DModel, LoadsTheKeysOfTheFirstReleases) {
  const UNet2DModel model = make();
  Weights old;
  for (const auto& [key, tensor] : model.parameters()) {
    std::string name = key;
    const auto replace = [&name](const std::string& now, const std::string& then) {
      if (const size_t at = name.find(now); at != std::string::npos)
        name.replace(at, now.size(), then);
    };
    replace(".to_q.", ".query.");
    replace(".to_k.", ".key.");
    replace(".to_v.", ".value.");
    replace(".to_out.0.", ".proj_attn.");
    replace("mid_block.", "mid.");
    replace("down_blocks.", "downsample_blocks.");
    replace("up_blocks.", "upsample_blocks.");
    replace("downsamplers.0.conv.", "downsamplers.0.op.");
    old.set(name, tensor);
  }
  EXPECT_FALSE(old.contains("mid_block.attentions.0.to_q.weight"));
  const UNet2DModel loaded(small_net(), old);
  const Tensor x = picture({1, 3, 8, 8}), t = at::tensor({5});
  EXPECT_TRUE(loaded.forward(x, t).equal(model.forward(x, t)));
}

TEST(UNet2DModel, RefusesWeightsOfAnotherConfiguration) {
  EXPECT_FAULT(UNet2DModel(small_net({{"block_out_channels", {8, 24}}}), make().parameters()),
               "misshapen (first: down_blocks.1.");
  EXPECT_FAULT(UNet2DModel(small_net({{"layers_per_block", 2}}), make().parameters()), "missing");
  EXPECT_FAULT(UNet2DModel(small_net({{"mid_block_type", nullptr}}), make().parameters()),
               "not part of the model (first: mid_block.");
}

TEST(UNet2DModel, RefusesUnsupportedBlocksByName) {
  EXPECT_FAULT(make({{"down_block_types", {"KDownBlock2D", "DownBlock2D"}}}),
               "unknown down block 'KDownBlock2D'");
  EXPECT_FAULT(make({{"up_block_types", {"CrossAttnUpBlock2D", "UpBlock2D"}}}),
               "known: AttnSkipUpBlock2D, AttnUpBlock2D, ResnetUpsampleBlock2D, SkipUpBlock2D, "
               "UpBlock2D");
}

TEST(UNet2DModel, RefusesInputsThatDontFit) {
  const UNet2DModel model = make();
  const Tensor t = at::tensor({1});
  EXPECT_FAULT(model.forward(picture({1, 1, 8, 8}), t), "wanted [batch, 3, height, width]");
  EXPECT_FAULT(model.forward(picture({3, 8, 8}), t), "got an input of shape [3, 8, 8]");
  EXPECT_FAULT(model.forward(picture({1, 3, 9, 8}), t),
               "multiples of 2 (1 halving), such as 10 x 8");
  EXPECT_FAULT(model.forward(picture({1, 3, 0, 8}), t), "such as 2 x 8");
  EXPECT_FAULT(model.forward(picture({3, 3, 8, 8}), at::tensor({1, 2})), "wanted [1] or [3]");
}

TEST(UNet2DModel, NeverIgnoresLabels) {
  const Tensor x = picture({2, 3, 8, 8}), t = at::tensor({1}), labels = at::tensor({0, 9});
  EXPECT_FAULT(make().forward(x, t, labels), "this model takes none");
  const UNet2DModel table = make({{"num_class_embeds", 10}});
  EXPECT_FAULT(table.forward(x, t), "needs a label for each image");
  EXPECT_FAULT(table.forward(x, t, at::tensor({1})), "wanted [2], one for each image");
  EXPECT_FAULT(table.forward(x, t, at::tensor({1, 10})), "label: got 10, wanted 0 to 9");
  EXPECT_FALSE(table.forward(x, t, labels).equal(table.forward(x, t, at::tensor({0, 8}))));
  EXPECT_FAULT(make({{"class_embed_type", "identity"}}).forward(x, t, labels), "wanted [2, 32]");
}

TEST(UNet2DModel, OneTimestepServesTheBatch) {
  const UNet2DModel model = make();
  const Tensor x = picture({2, 3, 8, 8});
  const Tensor expected = model.forward(x, at::tensor({41, 41}));
  EXPECT_TRUE(model.forward(x, at::tensor({41})).equal(expected));
  EXPECT_TRUE(model.forward(x, at::tensor(41.0f)).equal(expected));
}

TEST(UNet2DModel, AnswersInTheLayoutOfTheInput) {
  const UNet2DModel model = make();
  const Tensor x = picture({2, 3, 8, 8}), t = at::tensor({1});
  const Tensor last = x.contiguous(at::MemoryFormat::ChannelsLast);
  EXPECT_TRUE(model.forward(x, t).is_contiguous());
  EXPECT_TRUE(model.forward(last, t).is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST(UNet2DModel, SeesUpdatesOfItsParametersInPlace) {
  const UNet2DModel model = make();
  const Tensor x = picture({1, 3, 8, 8}), t = at::tensor({1});
  const Tensor before = model.forward(x, t);
  Tensor(model.parameters().at("conv_out.bias")).add_(1);
  EXPECT_LE((model.forward(x, t) - before - 1).abs().max().item<float>(), 1e-5f);
}

TEST(UNet2DModel, PredictOutlivesTheModel) {
  std::optional<UNet2DModel> model = make();
  const Tensor x = picture({1, 3, 8, 8}), t = at::tensor({1});
  const Tensor expected = model->forward(x, t);
  const Predict predict = model->predict();
  model.reset();
  EXPECT_TRUE(predict(x, t).equal(expected));
}

TEST(UNet2DModel, DropoutActsWhileTrainingAndFollowsItsStream) {
  UNet2DModel model = make({{"dropout", 0.5}});
  const Tensor x = picture({1, 3, 8, 8}), t = at::tensor({1});
  const Tensor evaluated = model.forward(x, t);
  EXPECT_TRUE(model.forward(x, t).equal(evaluated));
  model.set_training(true, RandomStream(3));
  const Tensor first = model.forward(x, t), second = model.forward(x, t);
  EXPECT_FALSE(first.equal(evaluated));
  EXPECT_FALSE(first.equal(second));
  model.set_training(true, RandomStream(3));
  EXPECT_TRUE(model.forward(x, t).equal(first));
  model.set_training(false);
  EXPECT_TRUE(model.forward(x, t).equal(evaluated));
}

TEST(UNet2DModel, FourierFrequenciesAreNotTrained) {
  const UNet2DModel model = make({{"time_embedding_type", "fourier"}});
  for (const auto& [key, tensor] : model.parameters()) Tensor(tensor).set_requires_grad(true);
  model.forward(picture({1, 3, 8, 8}), at::tensor({0.5f})).sum().backward();
  EXPECT_FALSE(model.parameters().at("time_proj.weight").grad().defined());
  EXPECT_FAULT(model.forward(picture({1, 3, 8, 8}), at::tensor({0})), "noise level above 0");
}

/// Every registered block in a net of two of its kind: shape, keys and gradients.
void check_block(const std::string& down, const std::string& up) {
  SCOPED_TRACE(down + " / " + up);
  const Json config = {{"block_out_channels", {32, 64}},
                       {"down_block_types", {down, down}},
                       {"up_block_types", {up, up}},
                       {"layers_per_block", 1}};
  const UNet2DModel model(config, RandomStream(0));
  for (const auto& [key, tensor] : model.parameters()) Tensor(tensor).set_requires_grad(true);
  const Tensor y = model.forward(picture({1, 3, 8, 8}), at::tensor({9}));
  EXPECT_EQ(y.sizes(), IntArrayRef({1, 3, 8, 8}));
  y.square().sum().backward();
  for (const auto& [key, tensor] : model.parameters()) {
    ASSERT_TRUE(tensor.grad().defined()) << key;
    EXPECT_TRUE(tensor.grad().isfinite().all().item<bool>()) << key;
  }
  EXPECT_EQ(model.parameters().keys(), UNet2DModel::parameter_shapes(config).keys());
}

TEST(UNet2DBlocks, EachHasShapeKeysAndGradients) {
  for (const std::string& down : Registry<DownBlockFactory>::names())
    check_block(down, "UpBlock2D");
  for (const std::string& up : Registry<UpBlockFactory>::names()) check_block("DownBlock2D", up);
}

TEST(UNet2DModel, LetsGoOfWhatItHasRead) {
  if (!use_caching_allocator() && cached_memory().resident == 0)
    GTEST_SKIP() << "memory isn't counted here";
  const c10::InferenceMode sampling;
  const UNet2DModel model = make({{"block_out_channels", {32, 32}},
                                  {"down_block_types", {"DownBlock2D", "DownBlock2D"}},
                                  {"up_block_types", {"UpBlock2D", "UpBlock2D"}},
                                  {"layers_per_block", 2}});
  const Tensor x = picture({8, 3, 64, 64}), t = at::tensor({500});
  model.forward(x, t);
  release_cached_memory();
  const size_t before = cached_memory().in_use;
  model.forward(x, t);
  const auto most = static_cast<double>(cached_memory().most_in_use - before),
             features = 4.0 * 8 * 32 * 64 * 64;
  // Three residuals, what comes from below, and the halves of the block that joins them.
  EXPECT_NEAR(most / features, 6, 0.5);
}

}  // namespace
}  // namespace mezzotint
