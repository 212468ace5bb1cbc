#include "mezzotint/models/picture_classifier.h"

#include <torch/csrc/autograd/autograd.h>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

PictureClassifierConfig small() {
  return {.in_channels = 3, .num_classes = 4, .block_out_channels = {8, 16}, .norm_num_groups = 4};
}

TEST(PictureClassifier, GivesALogitForEachClass) {
  const PictureClassifier classifier(small(), RandomStream(1));
  const Tensor x = RandomStream(2).randn({3, 3, 8, 12}).requires_grad_();
  const Tensor logits = classifier.logits(x);
  EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{3, 4}));
  const Tensor gradient = torch::autograd::grad({logits.sum()}, {x})[0];
  EXPECT_TRUE(gradient.isfinite().all().item<bool>());
  EXPECT_GT(gradient.abs().max().item<float>(), 0);
}

TEST(PictureClassifier, ComesBackFromItsWeights) {
  const PictureClassifier classifier(small(), RandomStream(1)),
      again(small(), classifier.parameters());
  const Tensor x = RandomStream(2).randn({2, 3, 8, 8});
  EXPECT_TRUE(classifier.logits(x).equal(again.logits(x)));
  EXPECT_TRUE(classifier.parameters().contains("blocks.1.conv2.weight"));
}

TEST(PictureClassifier, EveryParameterLearns) {
  const PictureClassifier classifier(small(), RandomStream(1));
  for (const auto& [key, tensor] : classifier.parameters()) tensor.requires_grad_(true);
  classifier.logits(RandomStream(2).randn({2, 3, 8, 8})).square().sum().backward();
  for (const auto& [key, tensor] : classifier.parameters())
    EXPECT_TRUE(tensor.grad().defined() && tensor.grad().abs().max().item<float>() > 0) << key;
}

TEST(PictureClassifier, RefusesWhatCantBe) {
  const auto refused = [](auto change) {
    PictureClassifierConfig config = small();
    change(config);
    EXPECT_THROW(PictureClassifier(config, RandomStream(1)), Error);
  };
  refused([](auto& c) { c.num_classes = 1; });
  refused([](auto& c) { c.in_channels = 0; });
  refused([](auto& c) { c.block_out_channels = {}; });
  refused([](auto& c) { c.block_out_channels = {6}; });
  refused([](auto& c) { c.norm_num_groups = 0; });
  refused([](auto& c) { c.class_names = {"one"}; });
  const PictureClassifier classifier(small(), RandomStream(1));
  EXPECT_THROW(classifier.logits(RandomStream(2).randn({1, 1, 8, 8})), Error);
  EXPECT_THROW(classifier.logits(RandomStream(2).randn({1, 3, 6, 8})), Error);
  EXPECT_THROW(PictureClassifier(small(), Weights()), Error);
}

}  // namespace
}  // namespace mezzotint
