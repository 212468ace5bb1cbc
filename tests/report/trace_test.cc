#include "mezzotint/report/trace.h"

#include <cmath>

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

Position at(int64_t micro_batch) {
  Position position;
  position.micro_batch = micro_batch;
  position.update = micro_batch / 2;
  return position;
}

TEST(Trace, KeepsFewValuesAsTheyAre) {
  Trace trace;
  trace.add(at(2), 0.5);
  trace.add(at(4), std::nan(""));
  trace.add(at(6), 0.25);
  const auto points = trace.points();
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].micro_batch, 2);
  EXPECT_EQ(points[1].update, 3);
  EXPECT_EQ(points[1].value, 0.25);
  EXPECT_EQ(trace.count(), 2);
}

TEST(Trace, StaysSmallAndKeepsTheMean) {
  Trace trace;
  constexpr int64_t kCount = 1'000'003;
  for (int64_t i = 1; i <= kCount; ++i) trace.add(at(i), static_cast<double>(i));
  const auto points = trace.points();
  EXPECT_LE(points.size(), 2000u);
  EXPECT_GT(points.size(), 900u);
  EXPECT_EQ(trace.count(), kCount);
  // The mean of 1 ... width, and all values behind the points together.
  EXPECT_DOUBLE_EQ(points[0].value, (1.0 + trace.width()) / 2);
  EXPECT_DOUBLE_EQ(points[0].value, points[0].micro_batch);
  double sum = 0;
  for (size_t i = 0; i + 1 < points.size(); ++i) sum += points[i].value * trace.width();
  sum += points.back().value * (kCount - (points.size() - 1.0) * trace.width());
  EXPECT_NEAR(sum / (0.5 * kCount * (kCount + 1)), 1, 1e-12);
}

TEST(Trace, ForgetsWhatCameAfter) {
  Trace trace;
  for (int64_t i = 1; i <= 10; ++i) trace.add(at(i), 1);
  trace.drop_after(4);
  EXPECT_EQ(trace.points().back().micro_batch, 4);
  EXPECT_EQ(trace.count(), 4);
  trace.drop_after(-1);
  EXPECT_TRUE(trace.points().empty());
}

TEST(Trace, MeansOfTheEnds) {
  Trace trace;
  for (int64_t i = 1; i <= 20; ++i) trace.add(at(i), static_cast<double>(i));
  EXPECT_EQ(first_tenth_mean(trace.points()), 1.5);
  EXPECT_EQ(last_tenth_mean(trace.points()), 19.5);
  EXPECT_EQ(last_tenth_mean({{.value = 7}}), 7);
}

}  // namespace
}  // namespace mezzotint
