// Sums that diffusers' own tests hold its schedulers to
// (tests/schedulers/test_scheduler_{ddpm,ddim}.py, version 0.42): no weights, a network that
// returns x t/(t + 1), a sample that rises from 0 to 1.
#include <ATen/ops/arange.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/schedulers/scheduler.h"

#include "tests/schedulers/reference.h"

namespace mezzotint {
namespace {

Tensor rising_sample() {
  const Tensor values = at::arange(768, at::kFloat) / 768;
  return values.reshape({3, 8, 8, 4}).permute({3, 0, 1, 2});
}

Tensor run(const Scheduler& scheduler) {
  RandomStream stream(0);
  Tensor sample = rising_sample();
  const DrawNoise draw = [&] { return stream.randn(sample.sizes()); };
  History history;
  for (size_t i = 0; i < scheduler.timesteps().size(); ++i) {
    const double t = scheduler.timesteps()[i];
    sample = scheduler.step(sample * t / (t + 1), i, sample, draw, history).prev_sample;
  }
  return sample;
}

double sum_of_run(const std::string& name, const char* config, int64_t steps) {
  return sum_abs(run(*make_scheduler(name, nlohmann::json::parse(config), steps)));
}

TEST(Oracle, DDIM) {
  EXPECT_NEAR(sum_of_run("ddim", "{}", 10), 172.0067, 1e-3);
  EXPECT_NEAR(sum_of_run("ddim", R"({"prediction_type": "v_prediction"})", 10), 52.5302, 1e-3);
  EXPECT_NEAR(sum_of_run("ddim", R"({"beta_start": 0.01})", 10), 149.8295, 1e-3);
  const char* final_alpha = R"({"beta_start": 0.01, "set_alpha_to_one": false})";
  EXPECT_NEAR(sum_of_run("ddim", final_alpha, 10), 149.0784, 1e-3);
}

TEST(Oracle, DDPM) {
  EXPECT_NEAR(sum_of_run("ddpm", "{}", 0), 258.9606, 1e-2);
  EXPECT_NEAR(sum_of_run("ddpm", R"({"prediction_type": "v_prediction"})", 0), 202.0296, 1e-2);
}

}  // namespace
}  // namespace mezzotint
