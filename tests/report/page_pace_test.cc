#include "mezzotint/report/page_pace.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

TEST(PagePace, WritesAfterEventsAndElseEveryTwentySeconds) {
  PagePace pace(0.01, 20);
  EXPECT_TRUE(pace.due(0, false));
  pace.wrote(0, 0.001);
  EXPECT_FALSE(pace.due(0.15, true));  // not yet a hundred times as long as it took
  EXPECT_TRUE(pace.due(0.25, true));
  EXPECT_FALSE(pace.due(19, false));
  EXPECT_TRUE(pace.due(20.1, false));
  EXPECT_EQ(pace.pause(5), 20);
}

TEST(PagePace, GrowsThePauseWhereWritingIsDear) {
  PagePace pace(0.01, 20);
  pace.wrote(0, 2);
  EXPECT_EQ(pace.pause(2), 398);
  EXPECT_FALSE(pace.due(399, true));
  EXPECT_TRUE(pace.due(400, false));
}

// A run of a day with a grid every second: whatever a page costs, all together take a hundredth.
TEST(PagePace, StaysWithinItsShare) {
  for (const double cost : {0.0001, 0.02, 0.5, 3.0}) {
    PagePace pace(0.01, 20);
    double now = 0;
    while (now < 86400) {
      if (pace.due(now, true)) {
        pace.wrote(now, now + cost);
        now += cost;
      }
      now += 1;
    }
    EXPECT_LE(pace.spent(), 0.01 * now + cost);
    EXPECT_GE(pace.spent(), cost * 20);
  }
}

}  // namespace
}  // namespace mezzotint
