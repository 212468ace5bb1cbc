#include "mezzotint/report/loss_curve.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

RunHistory losses(int64_t count) {
  RunHistory history;
  for (int64_t i = 1; i <= count; ++i) {
    Record record;
    record.at.micro_batch = i;
    record.name = "loss";
    record.value = 1.0 / static_cast<double>(i);
    history.add(record);
  }
  return history;
}

TEST(LossPlot, HasRawAndSmoothedByMicroBatch) {
  const Plot plot = loss_plot(losses(100));
  ASSERT_EQ(plot.series.size(), 2u);
  EXPECT_TRUE(plot.series[0].faint);
  EXPECT_EQ(plot.series[0].x.front(), 1.0);
  EXPECT_EQ(plot.series[0].y.back(), 0.01);
  EXPECT_GT(plot.series[1].y.back(), 0.01);  // the smoothed curve lags behind a falling one
  EXPECT_LT(plot.series[1].y.back(), 0.05);
}

TEST(LossPlot, LongRunsAreThinnedByMeans) {
  const Plot plot = loss_plot(losses(10000));
  EXPECT_EQ(plot.series[0].x.size(), 1250u);
  EXPECT_DOUBLE_EQ(plot.series[0].x[0], 4.5);  // the mean of 1..8
  double sum = 0;
  for (int i = 1; i <= 8; ++i) sum += 1.0 / i;
  EXPECT_NEAR(plot.series[0].y[0], sum / 8, 1e-12);
  EXPECT_NE(plot.series[1].y[100], plot.series[0].y[100]);
}

TEST(LossPlot, EpochsComeWithTheSecond) {
  RunHistory history = losses(10);
  for (int64_t epoch = 0; epoch < 2; ++epoch) {
    EXPECT_EQ(loss_plot(history).series.size(), 2u);
    history.add({{epoch, 0, 20 + epoch, 20, 20}, "epoch_loss", 0.5});
  }
  EXPECT_EQ(loss_plot(history).series.size(), 3u);
}

}  // namespace
}  // namespace mezzotint
