#include "mezzotint/report/loss_curve.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

std::vector<Record> losses(int64_t count) {
  std::vector<Record> records;
  for (int64_t i = 1; i <= count; ++i) {
    Record record;
    record.at.micro_batch = i;
    record.name = "loss";
    record.value = 1.0 / static_cast<double>(i);
    records.push_back(record);
  }
  return records;
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
  EXPECT_EQ(plot.series[0].x.size(), 2000u);
  EXPECT_DOUBLE_EQ(plot.series[0].x[0], 3.0);  // the mean of 1..5
  EXPECT_NEAR(plot.series[0].y[0], (1 + 1 / 2.0 + 1 / 3.0 + 1 / 4.0 + 1 / 5.0) / 5, 1e-12);
}

}  // namespace
}  // namespace mezzotint
