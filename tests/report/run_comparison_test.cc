#include "mezzotint/report/run_comparison.h"

#include <gtest/gtest.h>

#include "mezzotint/io/files.h"
#include "mezzotint/io/image.h"
#include "mezzotint/report/legend.h"
#include "mezzotint/training/record_files.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using testing::ScratchFolder;

void write_run(const std::filesystem::path& folder, int64_t batch, const char* validation) {
  std::filesystem::create_directories(folder / "samples");
  RecordFile file(folder / "metrics.jsonl", RecordFile::Form::kJsonl, -1);
  for (int64_t i = 1; i <= 10; ++i)
    file.log({{0, i, i, i, batch * i}, "loss", 1.0 / static_cast<double>(i)});
  if (validation) file.log({{0, 10, 10, 10, batch * 10}, validation, 0.5});
}

TEST(RunComparison, HasACurveForEachRunByImages) {
  const ScratchFolder folder;
  write_run(folder / "a", 4, "validation_loss");
  write_run(folder / "b", 8, nullptr);
  const Plot plot = comparison_plot(
      {{"a", folder / "a"}, {"gone", folder / "gone"}, {"b", folder / "b"}}, CurveAxis::kImages);
  ASSERT_EQ(plot.series.size(), 3u);
  EXPECT_EQ(plot.series[0].name, "a");
  EXPECT_EQ(plot.series[0].x.back(), 40.0);
  EXPECT_TRUE(plot.series[1].companion);
  EXPECT_EQ(plot.series[1].y, std::vector<double>{0.5});
  EXPECT_EQ(plot.series[2].x.back(), 80.0);
  EXPECT_TRUE(plot.log_y);
  const std::vector<SeriesLook> looks = looks_of(plot.series);
  EXPECT_EQ(looks[1].line.color.red, looks[0].line.color.red);
  EXPECT_NE(looks[2].line.color.red, looks[0].line.color.red);
  EXPECT_NE(looks[1].line.dashes, looks[0].line.dashes);
}

TEST(RunComparison, TakesTheAveragesValidationWhereThereIsOne) {
  const ScratchFolder folder;
  write_run(folder / "a", 4, "validation_loss_ema");
  const Plot plot = comparison_plot({{"a", folder / "a"}}, CurveAxis::kUpdates);
  ASSERT_EQ(plot.series.size(), 2u);
  EXPECT_EQ(plot.series[1].x, std::vector<double>{10});
}

TEST(RunComparison, DrawsNoMoreCurvesThanCanBeToldApart) {
  const ScratchFolder folder;
  write_run(folder / "a", 4, nullptr);
  const std::vector<ComparedRun> many(40, {"a", folder / "a"});
  EXPECT_EQ(comparison_plot(many, CurveAxis::kImages).series.size(), kMostComparedCurves);
}

TEST(RunComparison, ShowsTheLastSamplesOfEach) {
  const ScratchFolder folder;
  write_run(folder / "a", 4, nullptr);
  write_run(folder / "b", 4, nullptr);
  for (const char* name : {"update-00000000.png", "update-00000010.png", "update-00000010-raw.png"})
    write_png(folder / "a/samples" / name, {1, 1, 1, {7}, {}});
  const auto sections =
      comparison_sections({{"a", folder / "a"}, {"b", folder / "b"}}, CurveAxis::kImages);
  ASSERT_EQ(sections.size(), 2u);
  ASSERT_EQ(sections[1].pictures.size(), 1u);
  EXPECT_EQ(sections[1].pictures[0].caption, "a, after update 10");
}

}  // namespace
}  // namespace mezzotint
