#include "mezzotint/schedulers/schedule_audit.h"

#include <cmath>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/schedulers/schedule_table.h"

namespace mezzotint {
namespace {

using nlohmann::json;

json config(json more = json::object()) {
  json all = {{"_class_name", "DDPMScheduler"}};
  all.update(more);
  return all;
}

/// The finding of that code; an empty text when there is none.
Finding finding(const std::string& code, const json& file, const std::string& name, int64_t steps) {
  for (const Finding& one : audit_schedule(file, name, steps))
    if (one.code == code) return one;
  return {false, code, ""};
}

TEST(ScheduleTable, NumbersOfTheCourse) {
  const SchedulerPtr ddim = make_scheduler("ddim", json::object(), 40);
  const std::vector<ScheduleRow> rows = schedule_table(*ddim);
  ASSERT_EQ(rows.size(), 40u);
  EXPECT_EQ(rows[0].timestep, 975);
  EXPECT_NEAR(1 / std::sqrt(rows[0].alpha_cumprod), 124, 4);  // dx0/dx
  EXPECT_NEAR(rows[39].alpha_cumprod, 0.9999, 1e-6);
  for (const ScheduleRow& row : rows) {
    EXPECT_NEAR(row.snr * row.sigma * row.sigma, 1, 1e-9);
    EXPECT_NEAR(row.snr, row.alpha_cumprod / (1 - row.alpha_cumprod), 1e-9 * row.snr);
  }
}

TEST(ScheduleAudit, WhereItStarts) {
  EXPECT_EQ(finding("start", config(), "ddpm", 1000).text,
            "starts at t = 999, the noisiest that the model knows");
  const Finding leading = finding("start", config(), "ddim", 40);
  EXPECT_FALSE(leading.warning);
  EXPECT_TRUE(finding("start", config(), "ddim", 3).warning);  // from 666 on
  EXPECT_EQ(leading.text.substr(0, 29), "starts at t = 975, not at 999");
}

TEST(ScheduleAudit, StepsThatMissTheNextTimestep) {
  EXPECT_EQ(finding("ddim_stride", config(), "ddim", 40).text, "");
  const Finding missed =
      finding("ddim_stride", config({{"timestep_spacing", "linspace"}}), "ddim", 10);
  EXPECT_TRUE(missed.warning);
  EXPECT_EQ(missed.text,
            "9 of 9 steps go to another noise level than the next timestep's, as in diffusers: "
            "999 -> 899 (next is 888), 888 -> 788 (next is 777), 777 -> 677 (next is 666), ...");
  EXPECT_EQ(finding("ddim_stride", config({{"timestep_spacing", "linspace"}}), "ddpm", 10).text,
            "");
}

TEST(ScheduleAudit, ZeroTerminalSnrWithEpsilon) {
  const json zero = {{"rescale_betas_zero_snr", true}};
  EXPECT_TRUE(finding("zero_snr_epsilon", config(zero), "ddpm", 10).warning);
  json v = zero;
  v["prediction_type"] = "v_prediction";
  EXPECT_EQ(finding("zero_snr_epsilon", config(v), "ddpm", 10).text, "");
}

TEST(ScheduleAudit, PictureLeftAtTheEndOfTraining) {
  const json latent = {
      {"beta_schedule", "scaled_linear"}, {"beta_start", 0.00085}, {"beta_end", 0.012}};
  EXPECT_NE(finding("terminal_snr", config(latent), "ddim", 10).text.find("6.83 %"),
            std::string::npos);
  EXPECT_EQ(finding("terminal_snr", config(), "ddim", 10).text, "");
}

TEST(ScheduleAudit, ClassSwap) {
  EXPECT_EQ(finding("class_swap", config(), "ddpm", 10).text, "");
  EXPECT_EQ(finding("class_swap", config(), "ddim", 10).text,
            "the file is a DDPMScheduler's; defaults of DDIMScheduler: set_alpha_to_one = true; "
            "without effect: variance_type");
  // PNDM's set_alpha_to_one is false by default; its class isn't known here.
  const json pndm = {{"_class_name", "PNDMScheduler"}, {"set_alpha_to_one", false}};
  EXPECT_EQ(finding("class_swap", pndm, "ddim", 10).text.substr(0, 30),
            "the file is a PNDMScheduler's;");
}

TEST(ScheduleAudit, Rest) {
  EXPECT_NE(finding("trailing_extra", config({{"timestep_spacing", "trailing"}}), "ddim", 61).text,
            "");
  EXPECT_EQ(finding("trailing_extra", config({{"timestep_spacing", "trailing"}}), "ddim", 60).text,
            "");
  const json offset = {{"steps_offset", 1}, {"variance_type", "fixed_large"}};
  EXPECT_TRUE(finding("final_noise", config(offset), "ddpm", 10).warning);
  EXPECT_EQ(finding("final_noise", config(), "ddpm", 10).text, "");
  const json learned = {{"variance_type", "learned_range"}};
  EXPECT_TRUE(finding("learned_variance", config(learned), "ddim", 10).warning);
  EXPECT_EQ(finding("learned_variance", config(learned), "ddpm", 10).text, "");
  EXPECT_TRUE(finding("predict_epsilon", config({{"predict_epsilon", false}}), "ddpm", 9).warning);
  EXPECT_NE(
      finding("fixed_large_log", config({{"variance_type", "fixed_large_log"}}), "ddpm", 9).text,
      "");
  EXPECT_THROW(audit_schedule(config(), "ddim", 1001), Error);
}

}  // namespace
}  // namespace mezzotint
