#include "mezzotint/schedulers/noise_schedule.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"

#include "tests/schedulers/reference.h"

namespace mezzotint {
namespace {

// tools/reference/schedulers.py: noise_schedules().
TEST(NoiseSchedule, EqualsDiffusersBitForBit) {
  const nlohmann::json cases = reference("noise_schedules.json");
  ASSERT_GE(cases.size(), 30u);
  for (const auto& row : cases) {
    SCOPED_TRACE(row["config"].dump());
    NoiseScheduleConfig config;
    from_json(config, row["config"], "test");
    const Tensor betas = make_betas(config);
    const Tensor abar = make_alphas_cumprod(betas);
    for (size_t i = 0; i < row["at"].size(); ++i) {
      const double wanted = row["alphas_cumprod"][i];
      EXPECT_NEAR(abar[row["at"][i].get<int64_t>()].item<float>(), wanted, 2e-5 * wanted);
    }
    Hash hash;
    hash.add(betas);
    hash.add(abar);
    expect_bits(hash, row["bits"]);
  }
}

TEST(NoiseSchedule, ZeroTerminalSnrIsExactlyZero) {
  NoiseScheduleConfig config;
  config.rescale_betas_zero_snr = true;
  const Tensor abar = make_alphas_cumprod(make_betas(config));
  EXPECT_EQ(abar[-1].item<float>(), 0.0f);
  EXPECT_NEAR(abar[0].item<float>(), 0.9999, 1e-6);
}

// The course's table for MNIST (squaredcos_cap_v2, 1000 timesteps).
TEST(NoiseSchedule, CosineOfTheCourse) {
  NoiseScheduleConfig config;
  config.beta_schedule = "squaredcos_cap_v2";
  const Tensor abar = make_alphas_cumprod(make_betas(config));
  EXPECT_NEAR(abar[0].item<float>(), 0.999959, 1e-6);
  EXPECT_NEAR(abar[500].item<float>(), 0.492285, 1e-5);
  EXPECT_NEAR(abar[999].item<float>(), 2.43e-9, 1e-11);
}

std::string error_of(const NoiseScheduleConfig& config) {
  try {
    make_betas(config);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(NoiseSchedule, SaysWhatIsWrong) {
  NoiseScheduleConfig config;
  config.num_train_timesteps = 0;
  EXPECT_EQ(error_of(config), "scheduler: num_train_timesteps is 0, wanted 1 to 1000000");
  config = {};
  config.trained_betas = {0.1, 0.2};
  EXPECT_EQ(error_of(config),
            "scheduler: trained_betas has 2 values, wanted num_train_timesteps = 1000");
  config = {};
  config.beta_end = 1.5;
  EXPECT_NE(error_of(config).find("betas leave [0, 1]"), std::string::npos);
  config = {};
  config.beta_schedule = "scaled_linear";
  config.beta_start = -1;  // its root is NaN
  EXPECT_NE(error_of(config).find("betas leave [0, 1]"), std::string::npos);
}

}  // namespace
}  // namespace mezzotint
