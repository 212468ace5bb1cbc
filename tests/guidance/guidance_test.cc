#include "mezzotint/guidance/guidance.h"

#include <cmath>
#include <limits>

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/guidance/classifier_free.h"
#include "mezzotint/guidance/great_circle.h"

namespace mezzotint {
namespace {

/// A network that is not the identity, whose gradient is known.
Tensor half_tanh(const Tensor& x_bchw, const Tensor&) { return x_bchw.tanh() / 2; }

Tensor squares(const Tensor& x0_bchw, double) { return x0_bchw.square().mean({1, 2, 3}); }

const PredictFor kNetwork = [](int64_t, int64_t) -> Predict { return half_tanh; };

SchedulerPtr ddim(const nlohmann::json& config = {{"clip_sample", false}}, int64_t steps = 4) {
  return make_scheduler("ddim", config, steps);
}

Tensor noise(int64_t images = 3) { return RandomStream(2).randn({images, 3, 4, 4}); }

Guidance toward_black(GuidanceMethod method, double scale = 2) {
  return {.terms = {{.name = "squares", .loss = squares, .scale = scale}},
          .methods = {{method, {}}}};
}

double difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(Guided, Method1FollowsTheClosedForm) {
  const SchedulerPtr scheduler = ddim();
  const Tensor x = noise();
  const size_t i = 2;
  const Steered got =
      guided(*scheduler, toward_black(GuidanceMethod::kSample), {.predict_for = kNetwork})(x, i);
  const Tensor output = half_tanh(x, {});
  EXPECT_TRUE(got.output.equal(output));
  const double abar =
      scheduler->alphas_cumprod()[static_cast<int64_t>(scheduler->timesteps()[i])].item<double>();
  const Tensor x0 = (x - std::sqrt(1 - abar) * output) / std::sqrt(abar);
  const Tensor slope = 2 * x0 / (3 * 4 * 4) / std::sqrt(abar);
  EXPECT_LE(difference(got.x_bchw, x - 2 * slope), 1e-5);
}

TEST(Guided, Method2GoesThroughTheNetwork) {
  const SchedulerPtr scheduler = ddim();
  const Tensor x = noise();
  const size_t i = 2;
  const Steered got =
      guided(*scheduler, toward_black(GuidanceMethod::kModel), {.predict_for = kNetwork})(x, i);
  const double abar =
      scheduler->alphas_cumprod()[static_cast<int64_t>(scheduler->timesteps()[i])].item<double>();
  const Tensor x0 = (x - std::sqrt(1 - abar) * half_tanh(x, {})) / std::sqrt(abar);
  const Tensor through = (1 - std::sqrt(1 - abar) * (1 - x.tanh().square()) / 2) / std::sqrt(abar);
  EXPECT_LE(difference(got.x_bchw, x - 2 * 2 * x0 / (3 * 4 * 4) * through), 1e-5);
  EXPECT_FALSE(got.x_bchw.requires_grad());
  EXPECT_FALSE(got.output.requires_grad());
}

TEST(Guided, NothingFlowsWhereX0IsClamped) {
  const SchedulerPtr scheduler = ddim({{"clip_sample", true}});
  const Tensor x = noise() * 3;
  GuidedStep seen;
  GuidedOptions options{.predict_for = kNetwork};
  options.on_step = [&](const GuidedStep& step) { seen = step; };
  const Steered got = guided(*scheduler, toward_black(GuidanceMethod::kSample), options)(x, 2);
  const Tensor x0 = scheduler->pred_original_sample(got.output, 2, x);
  const Tensor clamped = x0.abs() >= 1;
  EXPECT_GT(clamped.sum().item<int64_t>(), 10);
  EXPECT_TRUE(got.x_bchw.masked_select(clamped).equal(x.masked_select(clamped)));
  EXPECT_LE(difference(seen.clamped_b, clamped.to(at::kFloat).mean({1, 2, 3})), 1e-6);
}

TEST(Guided, ScaleZeroAndStepsOutsideLeaveTheRunAlone) {
  const SchedulerPtr scheduler = ddim();
  const Tensor x = noise();
  EXPECT_TRUE(
      guided(*scheduler, toward_black(GuidanceMethod::kSample, 0), {.predict_for = kNetwork})(x, 1)
          .x_bchw.equal(x));
  Guidance late = toward_black(GuidanceMethod::kSample);
  late.terms[0].steps = {2, 3};
  const Steer steer = guided(*scheduler, late, {.predict_for = kNetwork});
  EXPECT_TRUE(steer(x, 1).x_bchw.equal(x));
  EXPECT_FALSE(steer(x, 2).x_bchw.equal(x));
  Guidance method = toward_black(GuidanceMethod::kModel);
  method.methods = parse_methods("2:0..0,1:3", "test");
  const Steer changing = guided(*scheduler, method, {.predict_for = kNetwork});
  EXPECT_FALSE(changing(x, 0).x_bchw.equal(x));
  EXPECT_TRUE(changing(x, 1).x_bchw.equal(x));
  EXPECT_FALSE(changing(x, 3).x_bchw.equal(x));
}

TEST(Guided, ImagesDontDependOnTheirBatch) {
  const SchedulerPtr scheduler = ddim();
  const Tensor x = noise(5);
  const Guidance guidance = toward_black(GuidanceMethod::kModel);
  const Tensor whole = guided(*scheduler, guidance, {.predict_for = kNetwork})(x, 1).x_bchw;
  const Tensor parts =
      guided(*scheduler, guidance, {.predict_for = kNetwork, .chunk = 2})(x, 1).x_bchw;
  EXPECT_TRUE(parts.equal(whole));
  const Tensor alone =
      guided(*scheduler, guidance, {.predict_for = kNetwork})(x.narrow(0, 3, 1), 1).x_bchw;
  EXPECT_TRUE(alone.equal(whole.narrow(0, 3, 1)));
}

TEST(Guided, TheCoursesBatchMeanIsWeakerByTheBatch) {
  const SchedulerPtr scheduler = ddim();
  const Tensor x = noise(4);
  Guidance guidance = toward_black(GuidanceMethod::kSample);
  const Tensor each = guided(*scheduler, guidance, {.predict_for = kNetwork})(x, 1).x_bchw - x;
  guidance.terms[0].norm = LossNorm::kBatch;
  for (const int64_t chunk : {1, 3, 4}) {
    const Tensor share =
        guided(*scheduler, guidance, {.predict_for = kNetwork, .chunk = chunk})(x, 1).x_bchw - x;
    EXPECT_LE(difference(share * 4, each), 1e-5);
  }
}

TEST(Guided, TermsAddUpAndRepeatsAverage) {
  const SchedulerPtr scheduler = ddim();
  const Tensor x = noise();
  std::vector<int64_t> repeats;
  Guidance guidance = toward_black(GuidanceMethod::kSample, 1);
  const GuideLoss noisy(
      [&repeats](const Tensor& x0, const GuidePoint& at) {
        repeats.push_back(at.repeat);
        return x0.mean({1, 2, 3}) * static_cast<double>(at.repeat);
      },
      3);
  const auto move = [&](const Guidance& of) {
    return guided(*scheduler, of, {.predict_for = kNetwork})(x, 1).x_bchw - x;
  };
  Guidance second{.terms = {{.name = "noisy", .loss = noisy, .scale = 4}}};
  Guidance both = guidance;
  both.terms.push_back(second.terms[0]);
  EXPECT_LE(difference(move(both), move(guidance) + move(second)), 1e-5);
  EXPECT_EQ(repeats, (std::vector<int64_t>{0, 1, 2, 0, 1, 2}));
  Guidance mean{.terms = {{.name = "mean",
                           .loss =
                               [](const Tensor& x0, double) {
                                 return x0.mean({1, 2, 3});
                               },
                           .scale = 4}}};
  EXPECT_LE(difference(move(second), move(mean)), 1e-6);  // the mean of 0, 1 and 2 is 1
}

TEST(Guided, MovesAreBounded) {
  const SchedulerPtr scheduler = ddim();
  const Tensor x = noise();
  const auto rms = [&](double max_rms, double exact) {
    Guidance guidance = toward_black(GuidanceMethod::kSample, 100);
    guidance.max_rms = max_rms;
    guidance.rms = exact;
    const Tensor move = guided(*scheduler, guidance, {.predict_for = kNetwork})(x, 1).x_bchw - x;
    return move.square().mean({1, 2, 3}).sqrt();
  };
  EXPECT_GT(rms(0, 0).min().item<double>(), 0.5);
  EXPECT_LE(difference(rms(0.1, 0), at::full({3}, 0.1)), 1e-5);
  EXPECT_LE(difference(rms(0, 0.02), at::full({3}, 0.02)), 1e-5);
  EXPECT_TRUE(rms(1e6, 0).equal(rms(0, 0)));
}

TEST(Guided, ReportsEachStep) {
  const SchedulerPtr scheduler = ddim();
  std::vector<GuidedStep> steps;
  GuidedOptions options{.predict_for = kNetwork, .chunk = 2};
  options.on_step = [&](const GuidedStep& step) { steps.push_back(step); };
  Guidance guidance = toward_black(GuidanceMethod::kModel, 3);
  guidance.terms[0].schedule = parse_guidance_schedule("table:1,0", "timestep", "test");
  const Steer steer = guided(*scheduler, guidance, options);
  const Tensor x = noise();
  for (size_t i = 0; i < 4; ++i) steer(x, i);
  ASSERT_EQ(steps.size(), 4u);
  EXPECT_EQ(steps[1].index, 1u);
  EXPECT_EQ(steps[1].total, 4u);
  EXPECT_EQ(steps[1].timestep, scheduler->timesteps()[1]);
  EXPECT_EQ(steps[1].method, GuidanceMethod::kModel);
  ASSERT_EQ(steps[1].terms.size(), 1u);
  EXPECT_NEAR(steps[1].terms[0].weight, 2, 1e-9);
  EXPECT_EQ(steps[1].terms[0].loss_b.sizes(), (std::vector<int64_t>{3}));
  EXPECT_EQ(steps[1].rms_b.size(0), 3);
  EXPECT_TRUE(steps[3].terms.empty());  // the schedule is 0 there
  EXPECT_EQ(steps[3].rms_b.max().item<float>(), 0);
}

/// The message of what guided() throws for a loss.
std::string refusal(const GuideLoss& loss,
                    const nlohmann::json& config = {{"clip_sample", false}}) {
  const SchedulerPtr scheduler = ddim(config);
  const Guidance guidance{.terms = {{.name = "mine", .loss = loss}}};
  try {
    guided(*scheduler, guidance, {.predict_for = kNetwork})(noise(), 1);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Guided, SaysWhatIsWrongWithALoss) {
  EXPECT_NE(refusal([](const Tensor& x0, double) { return x0.mean(); }).find("mine in step 1"),
            std::string::npos);
  EXPECT_NE(refusal([](const Tensor& x0, double) {
              return x0.mean({1, 2});
            }).find("wanted one number"),
            std::string::npos);
  EXPECT_NE(refusal([](const Tensor& x0, double) {
              return x0.detach().mean({1, 2, 3});
            }).find("no gradient to follow"),
            std::string::npos);
  EXPECT_NE(refusal([](const Tensor& x0, double) {
              return (x0 * -1e30).exp().mean({1, 2, 3});
            }).find("its value isn't finite"),
            std::string::npos);
  EXPECT_NE(refusal([](const Tensor& x0, double) {
              return (x0 * 0).sqrt().mean({1, 2, 3});
            }).find("its gradient isn't finite"),
            std::string::npos);
  EXPECT_NE(refusal({}).find("is empty"), std::string::npos);
  EXPECT_NE(refusal(squares, {{"prediction_type", "sample"}}).find("take method 2"),
            std::string::npos);
}

TEST(Guided, CanBeCancelled) {
  const SchedulerPtr scheduler = ddim();
  GuidedOptions options{.predict_for = kNetwork};
  const Steer steer = guided(*scheduler, toward_black(GuidanceMethod::kSample), options);
  options.cancel.cancel();
  EXPECT_THROW(steer(noise(), 0), Error);
}

TEST(Methods, Parse) {
  EXPECT_EQ(parse_methods("2", "test").at(0).method, GuidanceMethod::kModel);
  const auto two = parse_methods("2:0..9,1:10..", "test");
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].steps.last, 9u);
  EXPECT_EQ(two[1].method, GuidanceMethod::kSample);
  EXPECT_EQ(two[1].steps.first, 10u);
  for (const char* wrong : {"", "3", "1,", "1:", "2:5..1", "one", "1;2"})
    EXPECT_THROW(parse_methods(wrong, "test"), Error) << wrong;
}

TEST(ClassifierFree, GoesBeyondTheConditional) {
  const Predict one = [](const Tensor&x, const Tensor&) { return x * 0 + 1; },
                three = [](const Tensor&x, const Tensor&) { return x * 0 + 3; };
  const Tensor x = noise();
  EXPECT_EQ(classifier_free(three, one, 1)(x, {}).max().item<float>(), 3);
  EXPECT_EQ(classifier_free(three, one, 2)(x, {}).max().item<float>(), 5);
  EXPECT_EQ(classifier_free(three, one, 0)(x, {}).max().item<float>(), 1);
}

TEST(GreatCircle, IsHalfTheSquaredAngle) {
  const Tensor a = unit_vectors(RandomStream(1).randn({4, 8})),
               b = unit_vectors(RandomStream(2).randn({4, 8}));
  const Tensor angle = (a * b).sum(-1).acos();
  EXPECT_LE(difference(squared_great_circle(a, b), angle.square() / 2), 1e-5);
  EXPECT_EQ(squared_great_circle(a, a).max().item<float>(), 0);
  const Tensor opposite = (-a).detach().requires_grad_();
  const Tensor far = squared_great_circle(opposite, a);
  far.sum().backward();
  EXPECT_TRUE(opposite.grad().isfinite().all().item<bool>());
}

}  // namespace
}  // namespace mezzotint
