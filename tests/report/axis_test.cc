#include "mezzotint/report/axis.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

using Labels = std::vector<std::string>;

Labels labels(double low, double high, const AxisStyle& style = {.margin = false}) {
  DataRange range;
  range.add(low);
  range.add(high);
  Labels found;
  for (const Tick& tick : make_axis(range, style).ticks) found.push_back(tick.label);
  return found;
}

TEST(Axis, TicksAreRoundNumbers) {
  EXPECT_EQ(labels(0, 1), (Labels{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}));
  EXPECT_EQ(labels(-3, 3), (Labels{"−3", "−2", "−1", "0", "1", "2", "3"}));
  EXPECT_EQ(labels(0, 999), (Labels{"0", "200", "400", "600", "800"}));
  EXPECT_EQ(labels(0.0121, 0.0149), (Labels{"0.0125", "0.0130", "0.0135", "0.0140", "0.0145"}));
  EXPECT_EQ(labels(0, 60000), (Labels{"0", "10k", "20k", "30k", "40k", "50k", "60k"}));
  EXPECT_EQ(labels(0, 3e6), (Labels{"0", "0.5M", "1.0M", "1.5M", "2.0M", "2.5M", "3.0M"}));
  EXPECT_EQ(labels(0, 4e-6), (Labels{"0", "0.5×10⁻⁶", "1.0×10⁻⁶", "1.5×10⁻⁶", "2.0×10⁻⁶",
                                     "2.5×10⁻⁶", "3.0×10⁻⁶", "3.5×10⁻⁶", "4.0×10⁻⁶"}));
}

TEST(Axis, LogarithmicTicksArePowersOfTen) {
  const AxisStyle log{.log = true, .margin = false};
  EXPECT_EQ(labels(1e-5, 100, log),
            (Labels{"10⁻⁵", "10⁻⁴", "0.001", "0.01", "0.1", "1", "10", "100"}));
  EXPECT_EQ(labels(0.01, 1, log), (Labels{"0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"}));
  EXPECT_EQ(labels(0.041, 0.053, log).front(), "0.042");  // less than a decade: linear ticks
  EXPECT_LE(labels(1e-30, 1e30, log).size(), 9u);
}

/// Losses of a run that blew up, on a plot with room for few ticks.
TEST(Axis, ManyDecadesWithFewTicksStayLogarithmic) {
  for (const int most : {1, 2, 3, 4, 6}) {
    DataRange range;
    range.add(0.04);
    range.add(6e12);
    const Axis axis = make_axis(range, {.log = true, .most_ticks = most});
    for (const Tick& tick : axis.ticks) EXPECT_TRUE(std::isfinite(axis.place(tick.value))) << most;
  }
}

TEST(Axis, RoomAroundOneValueAndNone) {
  DataRange one;
  one.add(5);
  const Axis around = make_axis(one, {});
  EXPECT_LT(around.low, 5);
  EXPECT_GT(around.high, 5);
  EXPECT_NEAR(around.place(5), 0.5, 1e-9);
  const Axis empty = make_axis({}, {});
  EXPECT_EQ(empty.low, 0);
  EXPECT_EQ(empty.high, 1);
  const Axis empty_log = make_axis({}, {.log = true});
  EXPECT_GT(empty_log.low, 0);
  DataRange zero;
  zero.add(0);
  EXPECT_LT(make_axis(zero, {}).low, 0);
}

TEST(Axis, ValuesNearZeroStandOnIt) {
  DataRange loss;
  loss.add(0.04);
  loss.add(0.9);
  EXPECT_EQ(make_axis(loss, {}).low, 0);
  DataRange high;
  high.add(0.8);
  high.add(0.9);
  EXPECT_GT(make_axis(high, {}).low, 0.7);
}

// Whatever the data: ends in order, ticks inside and ascending, not too many, labels all different.
TEST(Axis, HoldsForRandomRanges) {
  std::mt19937 random(0);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (int i = 0; i < 5000; ++i) {
    const bool log = i % 2;
    const double size = std::pow(10.0, 12 * uniform(random));
    DataRange range;
    range.add(log ? size : size * uniform(random));
    range.add(log ? size * (1 + 5 * std::fabs(uniform(random))) : size * uniform(random));
    const Axis axis = make_axis(range, {.log = log});
    SCOPED_TRACE(::testing::Message() << range.low << " " << range.high << (log ? " log" : ""));
    ASSERT_LT(axis.low, axis.high);
    ASSERT_LE(axis.ticks.size(), 10u);
    ASSERT_GE(axis.ticks.size(), 2u);
    for (size_t k = 0; k < axis.ticks.size(); ++k) {
      const double place = axis.place(axis.ticks[k].value);
      ASSERT_GE(place, -1e-6);
      ASSERT_LE(place, 1 + 1e-6);
      if (k == 0) continue;
      ASSERT_LT(axis.ticks[k - 1].value, axis.ticks[k].value);
      ASSERT_NE(axis.ticks[k - 1].label, axis.ticks[k].label);
    }
  }
}

}  // namespace
}  // namespace mezzotint
