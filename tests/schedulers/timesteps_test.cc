#include "mezzotint/schedulers/timesteps.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

#include "tests/schedulers/reference.h"

namespace mezzotint {
namespace {

using List = std::vector<int64_t>;

List steps(const std::string& spacing, int64_t count, int64_t offset = 0, int64_t train = 1000) {
  return make_timesteps({train, count, spacing, offset, {}});
}

std::string error_of(const TimestepRequest& request) {
  try {
    make_timesteps(request);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.what();
  }
  return "no error";
}

TEST(Timesteps, ListsOfDiffusers) {
  EXPECT_EQ(steps("leading", 5, 1), (List{801, 601, 401, 201, 1}));
  EXPECT_EQ(steps("leading", 40).front(), 975);
  EXPECT_EQ(steps("leading", 40)[1], 950);
  EXPECT_EQ(steps("leading", 40).back(), 0);
  EXPECT_EQ(steps("trailing", 5), (List{999, 799, 599, 399, 199}));
  EXPECT_EQ(steps("linspace", 5), (List{999, 749, 500, 250, 0}));
  EXPECT_EQ(steps("linspace", 1), (List{0}));
  EXPECT_EQ(steps("leading", 0, 1, 3), (List{2, 1, 0}));  // never set: the offset has no part in it
}

// tools/reference/schedulers.py: timesteps(); every N from 1 to T.
TEST(Timesteps, EqualDiffusersForEveryNumberOfSteps) {
  for (const auto& row : reference("timesteps.json")) {
    const auto spacing = row["spacing"].get<std::string>();
    const auto train = row["num_train_timesteps"].get<int64_t>();
    SCOPED_TRACE(concat(spacing, " of ", train));
    Hash hash;
    for (int64_t count = 1; count <= train; ++count) {
      const List list = steps(spacing, count, 0, train);
      ASSERT_EQ(static_cast<int64_t>(list.size()), count);
      ASSERT_GE(list.back(), 0);
      ASSERT_LT(list.front(), train);
      hash.add(list.data(), list.size() * sizeof(int64_t));
    }
    EXPECT_EQ(hash.hex(), row["bits"]["DEFAULT"].get<std::string>());
  }
}

TEST(Timesteps, CustomList) {
  EXPECT_EQ(make_timesteps({1000, 0, "leading", 0, {900, 3}}), (List{900, 3}));
  EXPECT_EQ(error_of({1000, 0, "leading", 0, {3, 3}}),
            "timesteps: 3 follows 3, wanted a descending list");
  EXPECT_EQ(error_of({1000, 0, "leading", 0, {1000, 3}}),
            "timesteps: 1000 is out of range, wanted 0 to 999");
  EXPECT_EQ(error_of({1000, 2, "leading", 0, {900, 3}}),
            "timesteps: got both a list and a number of steps, wanted one");
}

TEST(Timesteps, SaysWhatIsWrong) {
  EXPECT_EQ(error_of({1000, 1001, "leading", 0, {}}),
            "timesteps: got 1001 steps, wanted 1 to 1000, the number of timesteps that the model "
            "was trained on (num_train_timesteps)");
  EXPECT_NE(error_of({1000, -1, "leading", 0, {}}), "no error");
  EXPECT_EQ(error_of({1000, 1000, "leading", 1, {}}),
            "timesteps: steps_offset 1 with 1000 steps gives the timestep 1000, wanted 0 to 999; "
            "take fewer steps or another timestep_spacing");
  EXPECT_NE(error_of({1000, 10, "leading", -1, {}}), "no error");
}

}  // namespace
}  // namespace mezzotint
