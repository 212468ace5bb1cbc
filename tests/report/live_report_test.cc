#include "mezzotint/report/live_report.h"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/image.h"
#include "mezzotint/training/record_files.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

class Live : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(run_ / "samples");
    write_json(run_ / "config.json", to_json(RunConfig{}));
  }
  void TearDown() override { fs::remove_all(run_); }

  std::unique_ptr<LiveReport> live(const Position& start = {}) {
    RunSession session;
    session.updates = 100;
    session.version = "1.2.3";
    session.about = {"network: a small one"};
    return std::make_unique<LiveReport>(run_, RunConfig{}, session, start,
                                        [this](const std::string& line) { warnings_ += line; });
  }
  static Record loss(int64_t update) {
    return {{0, update, update, update, 4 * update}, "loss", 0.5};
  }
  bool page_says(const std::string& text) const {
    return read_file(run_ / "report.html").find(text) != std::string::npos;
  }

  fs::path run_ = fs::path(testing::TempDir()) / "live_report_test";
  std::string warnings_;
};

TEST_F(Live, SaysHowTheRunStands) {
  auto report = live();
  EXPECT_TRUE(page_says("<strong>running</strong>: update 0 of 100"));
  EXPECT_TRUE(page_says("data-refresh=\"20\""));
  EXPECT_TRUE(page_says("<noscript><meta http-equiv=\"refresh\" content=\"20\"></noscript>"));
  EXPECT_TRUE(page_says("a small one"));
  for (int64_t i = 1; i <= 50; ++i) report->log(loss(i));
  report->finish();
  EXPECT_TRUE(page_says("<strong>running</strong>: update 50 of 100"));
  EXPECT_TRUE(page_says(" left"));
  report->end("stopped");
  EXPECT_TRUE(
      page_says("<strong>stopped</strong>: at update 50 of 100; go on with: mezzotint resume"));
  EXPECT_TRUE(page_says("data-refresh=\"0\""));
  EXPECT_FALSE(page_says("http-equiv=\"refresh\""));
  for (const char* file : {"loss.svg", "loss.png", "curves/loss.svg"})
    EXPECT_TRUE(fs::exists(run_ / file)) << file;
  EXPECT_EQ(read_run_session(run_)->state, "stopped");
  EXPECT_EQ(warnings_, "");
}

TEST_F(Live, NamesWhatFailed) {
  auto report = live();
  report->log(loss(1));
  report->end("failed", "the loss is <nan>");
  EXPECT_TRUE(page_says("<strong>failed</strong>: after update 1 of 100: the loss is &lt;nan&gt;"));
  EXPECT_TRUE(fs::exists(run_ / "loss.svg"));
}

TEST_F(Live, GoesOnWithWhatWasLoggedBefore) {
  {
    RecordFile file(run_ / "metrics.jsonl", RecordFile::Form::kJsonl, -1);
    for (int64_t i = 1; i <= 30; ++i) file.log(loss(i));
  }
  RunSession past;
  past.seconds = 3600;
  write_run_session(run_, past);
  auto report = live({0, 30, 30, 30, 120});
  EXPECT_TRUE(page_says("update 30 of 100"));
  EXPECT_TRUE(page_says("30 micro-batches, 30 updates"));
  report->log(loss(31));
  report->end("done");
  EXPECT_TRUE(page_says("31 micro-batches"));
  EXPECT_GE(read_run_session(run_)->seconds, 3600);
}

TEST_F(Live, DrawsTheTimelineFromTheGrids) {
  auto report = live();
  for (int64_t i = 0; i <= 2; ++i) {
    const fs::path grid = fs::path("samples") / (update_name(i) + ".png");
    write_png(run_ / grid, {4, 4, 1, std::vector<uint8_t>(16, 7), {}});
    report->log({{0, i, i, i, 4 * i}, "samples", grid});
    report->log(loss(i));
  }
  report->end("done");
  EXPECT_TRUE(page_says("after update 2, 8 images seen"));
  EXPECT_TRUE(page_says("type=\"range\""));
}

TEST_F(Live, WhatCannotBeWrittenIsSaidOnceAndEndsNothing) {
  fs::create_directories(run_ / "report.html");  // a folder can't be replaced by a file
  auto report = live();
  for (int64_t i = 1; i <= 5; ++i) report->log(loss(i));
  report->finish();
  report->end("done");
  EXPECT_NE(warnings_.find("report.html"), std::string::npos);
  EXPECT_EQ(warnings_.find("report.html"), warnings_.rfind("report.html"));
  EXPECT_EQ(read_run_session(run_)->state, "done");
}

TEST_F(Live, PassesOverADamagedPast) {
  std::ofstream(run_ / "metrics.jsonl") << "no record\n";
  auto report = live({0, 30, 30, 30, 120});
  report->log(loss(31));
  report->end("done");
  EXPECT_NE(warnings_.find("metrics.jsonl: passed over 1 line"), std::string::npos);
  EXPECT_TRUE(page_says("<strong>done</strong>"));
}

}  // namespace
}  // namespace mezzotint
