#include "mezzotint/report/run_curves.h"

#include <map>

#include <gtest/gtest.h>

#include "mezzotint/io/files.h"
#include "mezzotint/report/legend.h"
#include "mezzotint/report/timestep_curves.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

void add(RunHistory& history, int64_t update, const std::string& name, double value) {
  history.add({{0, update, update, update, update}, name, value});
}

/// All that a run may log, over 20 reports.
RunHistory whole_history() {
  RunHistory history;
  for (int64_t i = 1; i <= 20; ++i) {
    for (const char* name :
         {"loss", "lr", "grad_norm", "images_per_second", "memory_mb", "stratified_loss",
          "snr_loss", "validation_loss", "validation_loss_ema", "epoch_loss", "accuracy"})
      add(history, i, name, 1.0 / static_cast<double>(i));
    for (int64_t tenth = 0; tenth < 10; ++tenth) {
      const std::string first = tenth == 0 ? "000" : std::to_string(100 * tenth);
      const std::string name = "loss_at/" + first + "-" + std::to_string(100 * tenth + 99);
      add(history, i, name, static_cast<double>(i + tenth));
      add(history, i, "validation_" + name, 1.0);
    }
  }
  return history;
}

std::map<std::string, Plot> plots(const RunHistory& history) {
  std::map<std::string, Plot> by_name;
  for (const RunCurve& curve : run_curves(history)) by_name[curve.name] = curve.plot;
  return by_name;
}

TEST(RunCurves, OneForEachKindOfRecord) {
  const auto all = plots(whole_history());
  std::vector<std::string> names;
  for (const auto& [name, plot] : all) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "gradient-norm", "learning-rate", "loss", "loss-by-timestep", "loss-profile",
                       "memory", "other-accuracy", "speed", "stratified-loss", "validation-loss",
                       "validation-loss-by-timestep", "validation-loss-profile"}));
  EXPECT_EQ(all.at("validation-loss").series.size(), 2u);
  EXPECT_TRUE(all.at("gradient-norm").log_y);
  EXPECT_FALSE(all.at("learning-rate").log_y);
}

TEST(RunCurves, NoneWithoutRecords) {
  EXPECT_TRUE(run_curves({}).empty());
  RunHistory history;
  add(history, 1, "loss", 0.5);
  EXPECT_EQ(plots(history).size(), 1u);
}

TEST(RunCurves, LossByTimestepGoesFromPaleToDark) {
  const Plot plot = plots(whole_history()).at("loss-by-timestep");
  ASSERT_EQ(plot.series.size(), 10u);
  EXPECT_EQ(plot.series.front().name, "0–99");
  EXPECT_EQ(plot.series.back().name, "900–999");
  EXPECT_TRUE(plot.log_y);
  const std::vector<SeriesLook> looks = looks_of(plot.series);
  for (size_t i = 1; i < looks.size(); ++i) {
    EXPECT_LT(looks[i].line.color.green, looks[i - 1].line.color.green);
    EXPECT_TRUE(looks[i].line.dashes.empty());
  }
}

TEST(RunCurves, ProfileComparesTheEndsOfTheRun) {
  const Plot plot = plots(whole_history()).at("loss-profile");
  ASSERT_EQ(plot.series.size(), 2u);
  EXPECT_EQ(plot.series[0].x[0], 49.5);
  EXPECT_EQ(plot.series[0].y[3], 1.5 + 3);   // reports 1 and 2
  EXPECT_EQ(plot.series[1].y[3], 19.5 + 3);  // reports 19 and 20
}

TEST(TimestepTraces, PassesOverNamesOfAnotherForm) {
  RunHistory history;
  for (const char* name : {"loss_at/", "loss_at/x-9", "loss_at/100", "loss_at/-5-9", "loss_at/1-2x",
                           "loss_at/99999999999999999999-1", "loss_at/20-29", "loss_at/0-9"})
    add(history, 1, name, 1.0);
  const auto traces = timestep_traces(history, "loss_at");
  ASSERT_EQ(traces.size(), 2u);
  EXPECT_EQ(traces[0].last, 9);
  EXPECT_EQ(traces[1].first, 20);
}

TEST(WriteRunCurves, WritesBothFormsOfAll) {
  const fs::path run = fs::path(testing::TempDir()) / "run_curves_test";
  fs::create_directories(run);
  write_run_curves(run, {});
  EXPECT_TRUE(fs::is_empty(run));
  RunHistory history = whole_history();
  add(history, 21, "../../evil name", 1.0);
  write_run_curves(run, history);
  for (const RunCurve& curve : run_curves(history))
    for (const char* ending : {".svg", ".png"})
      EXPECT_TRUE(fs::exists(run / "curves" / (curve.name + ending))) << curve.name;
  EXPECT_EQ(read_file(run / "loss.svg"), read_file(run / "curves" / "loss.svg"));
  EXPECT_TRUE(fs::exists(run / "loss.png"));
  EXPECT_EQ(std::distance(fs::directory_iterator(run), {}), 3);
  fs::remove_all(run);
}

}  // namespace
}  // namespace mezzotint
