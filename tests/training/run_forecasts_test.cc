#include "mezzotint/training/run_forecasts.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

/// A run that counts how often its pace is measured.
class Measured : public PreparedRun {
 public:
  explicit Measured(int& measurements) : measurements_(measurements) {}
  std::unique_ptr<Learner> learner(const std::filesystem::path&) override { return nullptr; }
  void try_data() const override {}
  void save(const std::optional<Ema>&, const std::filesystem::path&) const override {}
  std::vector<std::string> describe() const override { return {}; }
  std::optional<Pace> pace() const override {
    ++measurements_;
    return can_say ? std::optional(Pace{static_cast<double>(config.training.batch_size), 0})
                   : std::nullopt;
  }
  RunForecast forecast(const Position& start, const Pace& pace) const override {
    const auto left = static_cast<double>(config.training.max_train_steps - start.update);
    return {0, pace.micro_batch, left * pace.micro_batch};
  }
  bool can_say = true;

 private:
  int& measurements_;
};

TEST(RunForecasts, MeasureOnceWhatIsTheSameWork) {
  RunForecasts forecasts;
  int measurements = 0;
  Measured run(measurements);
  run.config.training.batch_size = 4;
  run.config.training.max_train_steps = 10;
  EXPECT_EQ(forecasts.of(run, {})->seconds, 40);
  run.config.training.lr = 0.5;
  run.config.training.seed = 7;
  run.config.data = "elsewhere";
  run.config.training.max_train_steps = 20;
  Position start;
  start.update = 5;
  EXPECT_EQ(forecasts.of(run, start)->seconds, 60);
  EXPECT_EQ(measurements, 1);
  run.config.training.batch_size = 8;
  EXPECT_EQ(forecasts.of(run, {})->seconds_per_update, 8);
  run.config.transform.height = 64;
  forecasts.of(run, {});
  run.config.lora.rank = 8;
  forecasts.of(run, {});
  EXPECT_EQ(measurements, 4);
}

TEST(RunForecasts, SayNothingOfWhatCannotBeMeasured) {
  RunForecasts forecasts;
  int measurements = 0;
  Measured run(measurements);
  run.can_say = false;
  EXPECT_FALSE(forecasts.of(run, {}));
  EXPECT_FALSE(forecasts.of(run, {}));
  EXPECT_EQ(measurements, 1);
}

}  // namespace
}  // namespace mezzotint
