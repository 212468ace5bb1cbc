#include "mezzotint/report/sample_grids.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/training/position.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

TEST(EvenlyChosen, KeepsTheFirstAndTheLast) {
  EXPECT_EQ(evenly_chosen(0, 5), (std::vector<size_t>{}));
  EXPECT_EQ(evenly_chosen(1, 5), (std::vector<size_t>{0}));
  EXPECT_EQ(evenly_chosen(5, 5), (std::vector<size_t>{0, 1, 2, 3, 4}));
  for (size_t count = 2; count < 300; ++count)
    for (const size_t most : {2, 3, 16, 40}) {
      const std::vector<size_t> chosen = evenly_chosen(count, most);
      ASSERT_EQ(chosen.size(), std::min(count, most));
      EXPECT_EQ(chosen.front(), 0u);
      EXPECT_EQ(chosen.back(), count - 1);
      for (size_t i = 1; i < chosen.size(); ++i) {
        EXPECT_GT(chosen[i], chosen[i - 1]);
        EXPECT_LE(chosen[i] - chosen[i - 1], (count - 1) / (chosen.size() - 1) + 1);
      }
    }
  EXPECT_THROW(evenly_chosen(3, 1), Error);
}

class SampleGrids : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(run_ / "samples"); }
  void TearDown() override { fs::remove_all(run_); }
  void grid(int64_t update, size_t bytes = 1, const std::string& more = "") const {
    write_file_atomic(run_ / "samples" / (update_name(update) + more + ".png"),
                      std::string(bytes, 'x'));
  }
  fs::path run_ = fs::path(testing::TempDir()) / "sample_grids_test";
};

TEST_F(SampleGrids, PairsAverageAndRawByUpdate) {
  grid(100, 1, "-raw");
  grid(100);
  grid(0);
  grid(50, 1, "-raw");
  for (const char* other : {"update-.png", "update-1x.png", "before-after.png", "update-5.jpg",
                            "update-9999999999999999999999.png", "update-00000100-raw-raw.png"})
    write_file_atomic(run_ / "samples" / other, "x");
  const auto grids = sample_grids(run_, {});
  ASSERT_EQ(grids.size(), 3u);
  EXPECT_EQ(grids[0].update, 0);
  EXPECT_TRUE(grids[0].raw_file.empty());
  EXPECT_EQ(grids[1].file.filename(), "update-00000050-raw.png");
  EXPECT_TRUE(grids[1].raw_file.empty());
  EXPECT_EQ(grids[2].raw_file.filename(), "update-00000100-raw.png");
  EXPECT_FALSE(grids[2].images);
}

TEST_F(SampleGrids, LeavesOutThoseThatTheRunWentBackBefore) {
  for (const int64_t update : {0, 50, 100}) grid(update);
  RunHistory history;
  history.add({{0, 50, 50, 50, 200}, "samples", fs::path("samples/update-00000050.png")});
  history.add({{0, 60, 60, 60, 240}, "loss", 1.0});
  const auto grids = sample_grids(run_, history);
  ASSERT_EQ(grids.size(), 2u);
  EXPECT_EQ(grids[1].images, 200);
}

TEST_F(SampleGrids, ThinnedToNumberAndSize) {
  for (int64_t i = 0; i < 100; ++i) grid(10 * i, 1000);
  const auto all = sample_grids(run_, {});
  EXPECT_EQ(thinned_grids(all, 40, 1'000'000).size(), 40u);
  const auto few = thinned_grids(all, 40, 7500);
  EXPECT_EQ(few.size(), 7u);
  EXPECT_EQ(few.front().update, 0);
  EXPECT_EQ(few.back().update, 990);
  EXPECT_EQ(thinned_grids(all, 40, 10).size(), 2u);
  EXPECT_TRUE(thinned_grids({}, 40, 10).empty());
}

}  // namespace
}  // namespace mezzotint
