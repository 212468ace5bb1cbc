#include "mezzotint/guidance/guidance_schedule.h"

#include <cmath>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/step_range.h"

namespace mezzotint {
namespace {

GuidanceSchedule parsed(const std::string& text, const std::string& index = "timestep") {
  return parse_guidance_schedule(text, index, "test");
}

// The course's numbers: 50 DDIM steps of the linear schedule.
TEST(GuidanceSchedule, FollowsAlphaBarOfTheTimestep) {
  const SchedulerPtr ddim = make_scheduler("ddim", nlohmann::json::object(), 50);
  EXPECT_NEAR(parsed("sqrt_abar").factor(*ddim, 0), 0.0077, 1e-4);
  EXPECT_NEAR(parsed("sqrt_abar").factor(*ddim, 49), 0.99995, 1e-5);
  for (const size_t i : {size_t{0}, size_t{20}, size_t{49}}) {
    const auto abar =
        ddim->alphas_cumprod()[static_cast<int64_t>(ddim->timesteps()[i])].item<double>();
    EXPECT_EQ(parsed("none").factor(*ddim, i), 1);
    EXPECT_DOUBLE_EQ(parsed("abar").factor(*ddim, i), abar);
    EXPECT_DOUBLE_EQ(parsed("sqrt_1m_abar").factor(*ddim, i), std::sqrt(1 - abar));
  }
}

TEST(GuidanceSchedule, FollowsTheLoopsIndexAsTheCourseDoes) {
  const SchedulerPtr ddim = make_scheduler("ddim", nlohmann::json::object(), 50);
  EXPECT_NEAR(parsed("sqrt_abar", "loop").factor(*ddim, 0), 0.99995, 1e-5);
  EXPECT_NEAR(parsed("sqrt_abar", "loop").factor(*ddim, 49), 0.985, 5e-4);
}

TEST(GuidanceSchedule, TablesAreSpreadOverTheSteps) {
  const SchedulerPtr ddim = make_scheduler("ddim", nlohmann::json::object(), 5);
  const auto factors = [&](const std::string& text) {
    std::vector<double> all;
    for (size_t i = 0; i < 5; ++i) all.push_back(parsed(text).factor(*ddim, i));
    return all;
  };
  EXPECT_EQ(factors("table:3"), (std::vector<double>{3, 3, 3, 3, 3}));
  EXPECT_EQ(factors("table:1,0"), (std::vector<double>{1, 0.75, 0.5, 0.25, 0}));
  EXPECT_EQ(factors("table:1,2,4,8,16"), (std::vector<double>{1, 2, 4, 8, 16}));
  EXPECT_THROW(parsed("table:1").factor(*ddim, 5), Error);
  const SchedulerPtr one = make_scheduler("ddim", nlohmann::json::object(), 1);
  EXPECT_EQ(parsed("table:1,0").factor(*one, 0), 1);
}

TEST(GuidanceSchedule, RefusesWhatItDoesntKnow) {
  for (const char* wrong :
       {"", "alpha", "table:", "table:1,x", "table:1,,2", "table:nan", "table:1e999"})
    EXPECT_THROW(parsed(wrong), Error) << wrong;
  EXPECT_THROW(parsed("none", "t"), Error);
}

TEST(StepRange, Parses) {
  const auto bounds = [](const std::string& text) {
    const StepRange range = parse_step_range(text, "test");
    return std::pair(range.first, range.last);
  };
  const size_t open = StepRange{}.last;
  EXPECT_EQ(bounds("3..9"), std::pair(size_t{3}, size_t{9}));
  EXPECT_EQ(bounds("3.."), std::pair(size_t{3}, open));
  EXPECT_EQ(bounds("..9"), std::pair(size_t{0}, size_t{9}));
  EXPECT_EQ(bounds("4"), std::pair(size_t{4}, size_t{4}));
  for (const char* wrong :
       {"", "..", "9..3", "-1..3", "1..x", "1.5", "1...3", "99999999999999999999"})
    EXPECT_THROW(parse_step_range(wrong, "test"), Error) << wrong;
}

}  // namespace
}  // namespace mezzotint
