// What holds of every loss that is registered.
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <torch/csrc/autograd/autograd.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/guidance/loss_gradient.h"
#include "mezzotint/guidance/loss_kind.h"
#include "mezzotint/guidance/make_term.h"

namespace mezzotint {
namespace {

constexpr int64_t kSide = 8;

/// Stands for CLIP: a projection of the picture, and of the text's length.
JointEmbedding embedding() {
  JointEmbedding joint{.image_size = 6};
  const Tensor weight = RandomStream(4).randn({3 * 6 * 6, 10});
  joint.images = [weight](const Tensor& pixels) { return pixels.flatten(1).matmul(weight); };
  joint.texts = [](const std::vector<std::string>& texts) {
    std::vector<Tensor> all;
    for (const std::string& text : texts) all.push_back(RandomStream(text.size()).randn({10}));
    return at::stack(all);
  };
  return joint;
}

LossResources resources() {
  LossResources all{.height = kSide, .width = kSide, .seed = 3};
  all.picture = [](const std::string& path, int64_t channels, int64_t height, int64_t width) {
    Tensor picture = RandomStream(path.size()).rand({1, channels, height, width}) * 2 - 1;
    return path == "mask" ? (picture > 0).to(at::kFloat) * 2 - 1 : picture;
  };
  all.clip = [](const std::string&) { return embedding(); };
  all.classifier = [](const std::string&) {
    const Tensor weight = RandomStream(5).randn({3 * kSide * kSide, 4});
    return Classifier{.class_names = {}, .class_count = 4, .logits = [weight](const Tensor& x) {
                        return x.flatten(1).matmul(weight);
                      }};
  };
  return all;
}

/// A text for --loss that sets what has no default.
std::string text_for(const std::string& kind) {
  if (kind == "color") return "color:#3366cc,tomato,mask=mask";
  if (kind == "clip") return "clip:a rose|a thorn:-0.5,cuts=2";
  if (kind == "inpaint") return "inpaint:picture,mask=mask";
  if (kind == "image" || kind == "superres") return kind + ":picture";
  if (kind == "classifier") return "classifier:2,model=any";
  return kind;
}

class LossConformance : public testing::TestWithParam<std::string> {
 protected:
  GuidanceTerm term() const { return make_term(text_for(GetParam()), resources()); }
  static Tensor pictures() { return RandomStream(9).randn({3, 3, kSide, kSide}) / 2; }
};

TEST_P(LossConformance, GivesOneFiniteGradientForEachImage) {
  const Tensor x0 = pictures();
  const LossGradient got = loss_gradient(term(), x0, {.timestep = 500, .step = 2, .steps = 9});
  EXPECT_EQ(got.loss_b.sizes(), (std::vector<int64_t>{3}));
  EXPECT_EQ(got.x0.sizes(), x0.sizes());
  EXPECT_TRUE(got.x0.isfinite().all().item<bool>());
  for (int64_t k = 0; k < 3; ++k) EXPECT_GT(got.x0[k].abs().max().item<float>(), 0) << k;
}

TEST_P(LossConformance, OneStepLowersIt) {
  const Tensor x0 = pictures();
  const GuidePoint at{.timestep = 500, .step = 2, .steps = 9};
  const LossGradient before = loss_gradient(term(), x0, at);
  const Tensor length = before.x0.square().sum({1, 2, 3}).view({-1, 1, 1, 1});
  const Tensor small = 1e-3 * before.loss_b.abs().view({-1, 1, 1, 1}) / length;
  const LossGradient after = loss_gradient(term(), x0 - small * before.x0, at);
  for (int64_t k = 0; k < 3; ++k)
    EXPECT_LT(after.loss_b[k].item<float>(), before.loss_b[k].item<float>()) << k;
}

TEST_P(LossConformance, AnImageAloneHasTheSameLoss) {
  const Tensor x0 = pictures();
  const LossGradient all = loss_gradient(term(), x0, {.step = 1, .steps = 9});
  const LossGradient last =
      loss_gradient(term(), x0.narrow(0, 2, 1), {.step = 1, .steps = 9, .first_image = 2});
  EXPECT_NEAR(last.loss_b[0].item<double>(), all.loss_b[2].item<double>(), 1e-5);
  EXPECT_LE((last.x0[0] - all.x0[2]).abs().max().item<double>(), 1e-6);
}

TEST_P(LossConformance, IsTheSameEveryTime) {
  const Tensor x0 = pictures();
  const GuidePoint at{.step = 1, .steps = 9};
  EXPECT_TRUE(loss_gradient(term(), x0, at).x0.equal(loss_gradient(term(), x0, at).x0));
}

TEST_P(LossConformance, DescribesItself) {
  const LossKind& kind = Registry<LossKind>::at("loss", GetParam());
  EXPECT_FALSE(kind.summary.empty());
  EXPECT_GT(kind.scale, 0);
  bool has_argument = false;
  for (const LossKind::Field& field : kind.fields) {
    EXPECT_FALSE(field.help.empty()) << field.name;
    has_argument = has_argument || field.name == kind.argument;
  }
  EXPECT_TRUE(has_argument) << kind.argument;
}

TEST_P(LossConformance, RefusesUnknownOptions) {
  EXPECT_THROW(make_term(text_for(GetParam()) + ",no_such_option=1", resources()), Error);
}

INSTANTIATE_TEST_SUITE_P(AllLosses, LossConformance, testing::ValuesIn(Registry<LossKind>::names()),
                         [](const auto& info) { return info.param; });

TEST(ClipLoss, DrawsForEachImageOrForTheBatch) {
  const Tensor one = RandomStream(1).randn({1, 3, kSide, kSide});
  const Tensor twins = at::cat({one, one});
  const auto losses = [&](const std::string& draw) {
    return loss_gradient(make_term("clip:x,cuts=1,draw=" + draw, resources()), twins, {}).loss_b;
  };
  EXPECT_NE(losses("image")[0].item<float>(), losses("image")[1].item<float>());
  EXPECT_EQ(losses("batch")[0].item<float>(), losses("batch")[1].item<float>());
}

TEST(ClipLoss, AnImagesOwnSeedDecidesItsCutouts) {
  LossResources own = resources(), other = resources();
  own.seeds = {7, 8};
  other.seeds = {8};
  const Tensor x0 = RandomStream(1).randn({2, 3, kSide, kSide});
  const Tensor second = loss_gradient(make_term("clip:x", own), x0, {}).loss_b[1];
  const Tensor alone = loss_gradient(make_term("clip:x", other), x0.narrow(0, 1, 1), {}).loss_b[0];
  EXPECT_NEAR(second.item<double>(), alone.item<double>(), 1e-6);
}

TEST(ColorLoss, IsTheMeanAbsoluteDistanceToTheNearestColour) {
  const LossResources plain = resources();
  const Tensor grey = at::full({1, 3, kSide, kSide}, 0.0f);
  const auto loss = [&](const std::string& text) {
    return loss_gradient(make_term(text, plain), grey, {}).loss_b[0].item<double>();
  };
  EXPECT_NEAR(loss("color:rgb=0.1,0.9,0.5"), (0.8 + 0.8 + 0) / 3, 1e-6);
  EXPECT_NEAR(loss("color:white"), 1, 1e-6);
  EXPECT_NEAR(loss("color:white,#808080"), 1.0 / 255, 1e-6);
}

}  // namespace
}  // namespace mezzotint
