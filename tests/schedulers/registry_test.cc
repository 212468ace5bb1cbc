#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {
namespace {

using nlohmann::json;

std::string error_of(const std::string& name, const json& config, int64_t steps = 5,
                     const StepOptions& options = {}) {
  try {
    make_scheduler(name, config, steps, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(SchedulerRegistry, TakesShortAndClassNames) {
  EXPECT_EQ(scheduler_class_name("ddim"), "DDIMScheduler");
  EXPECT_EQ(scheduler_class_name("DDPM"), "DDPMScheduler");
  EXPECT_EQ(scheduler_class_name("DDPMScheduler"), "DDPMScheduler");
  EXPECT_EQ(error_of("ddmi", json::object()),
            "unknown scheduler 'ddmi', did you mean 'ddim'?; known: ddim (DDIMScheduler), ddpm "
            "(DDPMScheduler)");
}

// google/ddpm-cat-256's file, as written by diffusers 0.1.1.
const json kOldFile = {{"_class_name", "DDPMScheduler"},
                       {"_diffusers_version", "0.1.1"},
                       {"beta_end", 0.02},
                       {"beta_schedule", "linear"},
                       {"beta_start", 0.0001},
                       {"clip_sample", true},
                       {"num_train_timesteps", 1000},
                       {"trained_betas", nullptr},
                       {"variance_type", "fixed_large"}};

TEST(SchedulerSwap, KeepsKeysOfTheOtherClassAndTakesTheNewDefaults) {
  const json swapped = make_scheduler("ddim", kOldFile, 40)->config();
  EXPECT_EQ(swapped["_class_name"], "DDIMScheduler");
  EXPECT_EQ(swapped["variance_type"], "fixed_large");
  EXPECT_EQ(swapped["set_alpha_to_one"], true);
  const json back = make_scheduler("ddpm", swapped, 40)->config();
  EXPECT_EQ(back["variance_type"], "fixed_large");
  EXPECT_EQ(back["_class_name"], "DDPMScheduler");
}

TEST(SchedulerSwap, KeysFilledInByDiffusersGiveWayToTheClassDefaults) {
  const json config = {{"beta_end", 0.5},
                       {"set_alpha_to_one", false},
                       {"_use_default_values", {"set_alpha_to_one", "beta_end"}}};
  const json read = make_scheduler("ddim", config, 40)->config();
  EXPECT_EQ(read["set_alpha_to_one"], true);
  EXPECT_EQ(read["beta_end"], 0.02);
  EXPECT_FALSE(read.contains("_use_default_values"));
}

TEST(SchedulerConfig, NumbersStayAsTheyWereWritten) {
  const json read =
      make_scheduler("ddim", json::parse(R"({"clip_sample_range": 1})"), 40)->config();
  EXPECT_EQ(read["clip_sample_range"].dump(), "1");
  EXPECT_EQ(read["sample_max_value"].dump(), "1.0");
}

TEST(SchedulerConfig, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("ddim", {{"beta_start", "small"}}),
            "DDIMScheduler: beta_start: got 'small', wanted a number");
  EXPECT_EQ(error_of("ddpm", {{"variance_type", "fixed"}}).substr(0, 62),
            "DDPMScheduler: variance_type: unknown value 'fixed'; known: fi");
  EXPECT_EQ(error_of("ddim", json::array()), "DDIMScheduler: got [], wanted an object");
  EXPECT_EQ(error_of("ddpm", {{"clip_sample_range", -1}}),
            "scheduler: clip_sample_range is -1, wanted more than 0");
  EXPECT_EQ(error_of("ddim", json::object(), 5, {.eta = 1.5}),
            "DDIM: eta is 1.5, wanted 0 (no noise) to 1 (as much as DDPM)");
}

std::string step_error(const std::string& name, const json& config, IntArrayRef output_sizes,
                       size_t i = 0, bool noise = true) {
  RandomStream stream(0);
  const Tensor sample = stream.randn({1, 3, 4, 4});
  History history;
  try {
    const DrawNoise draw = noise ? DrawNoise([&] { return sample; }) : DrawNoise();
    make_scheduler(name, config, 5)->step(stream.randn(output_sizes), i, sample, draw, history);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(SchedulerStep, SaysWhatIsWrong) {
  const json none = json::object();
  EXPECT_EQ(
      step_error("ddim", none, {1, 6, 4, 4}),
      "DDIM step: the model's output is [1, 6, 4, 4], wanted the sample's shape [1, 3, 4, 4]");
  EXPECT_EQ(
      step_error("ddpm", {{"variance_type", "learned_range"}}, {1, 3, 4, 4}),
      "DDPM step: variance_type learned_range needs a model with twice the sample's channels, "
      "got [1, 3, 4, 4] for [1, 3, 4, 4]");
  EXPECT_EQ(step_error("ddim", none, {1, 3, 4, 4}, 5),
            "scheduler: there is no step 5, the plan has 5");
  EXPECT_EQ(step_error("ddpm", none, {1, 3, 4, 4}, 0, false),
            "DDPM step: needs noise at timestep 800, got none");
  EXPECT_EQ(step_error("ddpm", none, {1, 3, 4, 4}, 4, false), "no error");  // t = 0 adds none
}

/// alpha-bar of the timestep that a step goes to: a sample without noise shrinks to sqrt(abar) x0.
double target_alpha_bar(const StepOptions& options, size_t i) {
  const json config = {
      {"timestep_spacing", "linspace"}, {"prediction_type", "sample"}, {"clip_sample", false}};
  const SchedulerPtr scheduler = make_scheduler("ddim", config, 10, options);
  RandomStream stream(0);
  const Tensor x0 = stream.randn({1, 1, 4, 4});
  const double abar =
      scheduler->alphas_cumprod()[static_cast<int64_t>(scheduler->timesteps()[i])].item<double>();
  History history;
  const Step step = scheduler->step(x0, i, std::sqrt(abar) * x0, {}, history);
  return std::pow((step.prev_sample / x0).mean().item<double>(), 2);
}

TEST(DDIM, PreviousFromPlanGoesToTheNextTimestep) {
  const Tensor abar = make_scheduler("ddim", json::object(), 0)->alphas_cumprod();
  // linspace with 10 steps visits 999, 888, ...; diffusers steps from 999 to 899.
  EXPECT_NEAR(target_alpha_bar({}, 0), abar[899].item<double>(), 1e-6);
  EXPECT_NEAR(target_alpha_bar({.previous_from_plan = true}, 0), abar[888].item<double>(), 1e-6);
  EXPECT_NEAR(target_alpha_bar({.previous_from_plan = true}, 8), abar[0].item<double>(), 1e-6);
  EXPECT_NEAR(target_alpha_bar({.previous_from_plan = true}, 9), 1.0, 1e-6);
}

}  // namespace
}  // namespace mezzotint
