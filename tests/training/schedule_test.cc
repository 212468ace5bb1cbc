// Learning rates and EMA decays against diffusers: tools/reference/training.py wrote the fixtures.

#include <gtest/gtest.h>

#include "mezzotint/base/fields.h"
#include "mezzotint/training/lr_schedule.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

TEST(LrSchedule, EqualsDiffusers) {
  const nlohmann::json table = reference()["lr"];
  ASSERT_EQ(table.size(), 6u);
  for (const auto& [key, factors] : table.items()) {
    TrainConfig config;
    config.lr_schedule = key.substr(0, key.find('.'));
    config.warmup = std::stoll(key.substr(key.find('.') + 1));
    for (int64_t update = 0; update < 12; ++update)
      EXPECT_NEAR(lr_factor(config, update, 0, 12),
                  factors[static_cast<size_t>(update)].get<double>(), 1e-12)
          << key << " " << update;
  }
}

TEST(LrSchedule, ExponentialIsPerEpoch) {
  TrainConfig config;
  config.lr_schedule = "exponential";
  config.lr_gamma = 0.9;
  EXPECT_EQ(lr_factor(config, 100, 0, 1000), 1.0);
  EXPECT_NEAR(lr_factor(config, 500, 2, 1000), 0.81, 1e-12);
}

TEST(Ema, DecaysEqualDiffusers) {
  const nlohmann::json cases = reference()["ema"];
  ASSERT_EQ(cases.size(), 4u);
  for (const auto& item : cases) {
    TrainConfig config;
    from_json_strict(config, item["config"], "fixture");
    const Ema ema(config, {});
    for (size_t i = 0; i < item["steps"].size(); ++i)
      EXPECT_NEAR(ema.decay(item["steps"][i].get<int64_t>()), item["decays"][i].get<double>(),
                  1e-12)
          << item["config"] << " step " << item["steps"][i];
  }
}

TEST(TrainPlan, LeftoverMicroBatchesMakeAnUpdate) {
  TrainConfig config;
  config.batch_size = 4;
  config.grad_accumulation_steps = 3;
  config.num_epochs = 2;
  const TrainPlan plan = plan_training(config, 7);
  EXPECT_EQ(plan.updates_per_epoch, 3);
  EXPECT_EQ(plan.updates, 6);
  EXPECT_EQ(plan.effective_batch, 12);
  EXPECT_EQ(plan.group_size(0), 3);
  EXPECT_EQ(plan.group_size(5), 3);
  EXPECT_EQ(plan.group_size(6), 1);
  config.max_train_steps = 4;
  EXPECT_EQ(plan_training(config, 7).updates, 4);
}

TEST(TrainConfig, SaysWhatIsWrong) {
  TrainConfig config;
  config.batch_size = 0;
  EXPECT_EQ(error_of([&] { validate(config); }), "batch_size: got 0, wanted 1 or more");
}

}  // namespace
}  // namespace mezzotint
