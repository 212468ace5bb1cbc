#include "mezzotint/report/run_report.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/folder_lock.h"
#include "mezzotint/io/image.h"
#include "mezzotint/report/report_manifest.h"
#include "mezzotint/training/record_files.h"
#include "mezzotint/training/run_config.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

/// A run folder as training leaves it, made by hand.
class RunReport : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(run() / "samples");
    RunConfig config;
    config.data = "flags";
    config.training.lr = 3e-4;
    config.training.grad_accumulation_steps = 3;
    config.class_conditional = true;
    config.model = {{"block_out_channels", {8, 16}}, {"layers_per_block", 2}};
    config.command_line = "mezzotint finetune emoji-32 --data flags";
    write_json(run() / "config.json", to_json(config));
  }
  void TearDown() override { fs::remove_all(folder_); }

  void picture(const fs::path& path) const { write_png(folder_ / path, {1, 1, 1, {7}, {}}); }
  void losses(const std::vector<double>& values) const {
    RecordFile file(run() / "metrics.jsonl", RecordFile::Form::kJsonl, -1);
    for (size_t i = 0; i < values.size(); ++i) {
      const auto n = static_cast<int64_t>(i + 1);
      file.log({{0, n, n, n, 4 * n}, "loss", values[i]});
    }
    file.log({{1, 0, 2, 2, 8}, "epoch_loss", 0.25});
  }
  std::vector<std::string> titles() const {
    std::vector<std::string> all;
    for (const ReportSection& section : run_sections(run())) all.push_back(section.title);
    return all;
  }
  ReportSection section(const std::string& title) const {
    for (ReportSection& section : run_sections(run()))
      if (section.title == title) return section;
    throw Error("no section " + title);
  }
  std::string manifest_error(const std::string& text) const {
    write_file_atomic(folder_ / "list.json", text);
    try {
      read_report_manifest(folder_ / "list.json");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  fs::path run() const { return folder_ / "run"; }
  fs::path folder_;
};

using Titles = std::vector<std::string>;

TEST_F(RunReport, LeavesOutWhatIsNotThereYet) {
  EXPECT_EQ(titles(), (Titles{"Recipe", "Going on", "Files"}));
}

TEST_F(RunReport, ShowsAllThatARunWrote) {
  picture("run/samples/before-after.png");
  picture("run/samples/update-00000100.png");
  losses({0.5, 0.25});
  EXPECT_EQ(titles(), (Titles{"Timeline of samples", "Before and after", "Curves", "Recipe",
                              "Going on", "Files"}));
  const ReportSection loss = section("Curves");
  EXPECT_EQ(loss.paragraphs[0], "2 micro-batches, 2 updates, 8 pictures seen.");
  EXPECT_EQ(loss.paragraphs[1], "Mean loss over the first epoch 0.25000, over the last 0.25000.");
  EXPECT_NE(loss.pictures.at(0).bytes.find("<svg"), std::string::npos);
  EXPECT_TRUE(render_html(run_report(run())).ends_with("</html>\n"));
}

TEST_F(RunReport, ShowsAtMostFortyGridsTheFirstAndTheLastAmongThem) {
  for (int64_t update = 0; update <= 10000; update += 100)
    picture("run/samples/" + update_name(update) + ".png");
  picture("run/samples/update-00000000-raw.png");
  picture("run/samples/other.png");
  const ReportSection grids = section("Timeline of samples");
  ASSERT_EQ(grids.timeline.frames.size(), 40U);
  EXPECT_EQ(grids.timeline.frames.front().caption, "after update 0");
  EXPECT_FALSE(grids.timeline.frames.front().second.empty());
  EXPECT_EQ(grids.timeline.frames.back().caption, "after update 10000");
  EXPECT_TRUE(grids.timeline.frames.back().second.empty());
  EXPECT_NE(grids.paragraphs.at(1).find("40 of 101"), std::string::npos);
}

TEST_F(RunReport, KeepsToItsBudget) {
  const std::string noise(900'000, 'x');  // what a grid of photographs may take
  for (int64_t update = 0; update < 30; ++update) {
    const fs::path path = run() / "samples" / (update_name(update) + ".png");
    write_file_atomic(path, encode_png({1, 1, 1, {7}, {}}) + noise);
  }
  const std::string page = render_html(run_report(run()));
  EXPECT_LT(page.size(), 8'500'000U);
  EXPECT_GT(page.size(), 6'000'000U);
  EXPECT_NE(page.find("Shown are 6 of 30 grids"), std::string::npos);
}

TEST_F(RunReport, LoadsNothingAndTakesNamesAsText) {
  const fs::path evil = folder_ / "<img src=x onerror=alert(1)>";
  picture("run/samples/update-00000000.png");
  picture("run/samples/update-00000100.png");
  losses({0.5, 0.25});
  fs::rename(run(), evil);
  RunSession session;
  session.state = "stopped";
  session.processor = "<script>alert(2)</script>";
  session.about = {"data: <b>x</b>"};
  write_run_session(evil, session);
  const std::string page = render_html(run_report(evil));
  for (const char* outside : {"http:", "https:", "url(", "<link", "@import", "<img src=x",
                              "<script>alert", "<b>", "fetch", "//cdn"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  EXPECT_NE(page.find("Training run &lt;img src=x onerror=alert(1)&gt;"), std::string::npos);
  // As a shell takes it, then as HTML does.
  EXPECT_NE(page.find("mezzotint resume &#39;" + html_escaped(evil.string()) + "&#39;"),
            std::string::npos);
}

TEST_F(RunReport, SaysHowTheRunStands) {
  const auto state = [&](int refresh = 0) {
    return *run_report(run(), read_run_view(run()), refresh).state;
  };
  EXPECT_EQ(state().name, "unfinished");  // an older run, without session.json
  fs::create_directories(run() / "model");
  EXPECT_EQ(state().name, "done");
  RunSession session;
  session.update = 300;
  session.updates = 1000;
  session.images = 4800;
  session.seconds = 83;
  session.seconds_left = 192;
  write_run_session(run(), session);
  {
    const FolderLock at_work(run());
    EXPECT_EQ(state(20).text, "update 300 of 1000, 3:12 left");
    EXPECT_EQ(state(20).refresh_s, 20);
    EXPECT_DOUBLE_EQ(state(20).share, 0.3);
    EXPECT_EQ(state().text, "update 300 of 1000 when it was last heard of");
  }
  EXPECT_EQ(state().name, "interrupted");  // nobody is at work there
  session.state = "stopped";
  write_run_session(run(), session);
  EXPECT_EQ(state(20).refresh_s, 0);
  EXPECT_EQ(state().text, "at update 300 of 1000; go on with: mezzotint resume " + run().string());
  session.state = "done";
  write_run_session(run(), session);
  EXPECT_EQ(state().text, "300 updates, 4800 pictures seen, in 1:23");
  write_file_atomic(run() / "session.json", R"({"update": "many"})");
  EXPECT_THROW(run_report(run()), Error);
}

TEST(InHours, CountsOn) {
  EXPECT_EQ(in_hours(0), "0:00");
  EXPECT_EQ(in_hours(192.4), "3:12");
  EXPECT_EQ(in_hours(3792), "1:03:12");
  EXPECT_EQ(in_hours(2 * 86400 + 3792), "2 days 1:03:12");
  EXPECT_EQ(in_hours(-5), "0:00");
}

TEST_F(RunReport, ToleratesHalfALineAtTheEnd) {
  losses({0.5, 0.25});
  write_file_atomic(run() / "metrics.jsonl",
                    read_file(run() / "metrics.jsonl") + R"({"epoch":0,"ba)");
  EXPECT_EQ(section("Curves").paragraphs[0], "2 micro-batches, 2 updates, 8 pictures seen.");
}

TEST_F(RunReport, RecipeNamesWhatDiffersFromTheDefaults) {
  const ReportSection recipe = section("Recipe");
  std::map<std::string, std::string> rows;
  for (const auto& row : recipe.table.rows) rows[row.at(0)] = row.at(1);
  EXPECT_EQ(rows.at("data"), "flags");
  EXPECT_EQ(rows.at("lr"), "0.0003");
  EXPECT_EQ(rows.at("grad_accumulation_steps"), "3");
  EXPECT_EQ(rows.at("class_conditional"), "yes");
  EXPECT_EQ(rows.at("model.block_out_channels"), "8,16");
  EXPECT_FALSE(rows.contains("model.layers_per_block"));  // as UNet2DModel has it
  EXPECT_EQ(rows.at("starting point"), "random weights");
  EXPECT_FALSE(rows.contains("adam_beta1"));
  EXPECT_EQ(recipe.commands.at(0), "mezzotint finetune emoji-32 --data flags");
}

TEST_F(RunReport, SaysWhatItPassedOver) {
  losses({0.5, 0.25});
  write_file_atomic(run() / "metrics.jsonl", "no record\n" + read_file(run() / "metrics.jsonl"));
  EXPECT_EQ(section("Curves").paragraphs[0], "2 micro-batches, 2 updates, 8 pictures seen.");
  EXPECT_EQ(section("Curves").paragraphs.back(),
            "metrics.jsonl: passed over 1 line with no record in it, the first is line 1.");
}

TEST_F(RunReport, SaysHowToGoOn) {
  EXPECT_EQ(section("Going on").commands.at(0), "mezzotint resume " + run().string());
  fs::create_directories(run() / "model");
  EXPECT_TRUE(section("Going on").commands.at(0).starts_with("mezzotint sample "));
  EXPECT_TRUE(section("Going on").commands.at(1).starts_with("mezzotint train --config "));
}

TEST_F(RunReport, RefusesAnotherFolder) {
  try {
    run_sections(folder_);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFailed);
    EXPECT_TRUE(std::string(error.what()).starts_with(folder_.string() + ": is no run folder"));
  }
}

TEST_F(RunReport, ManifestPutsItsOwnSectionsAndRunsInOrder) {
  picture("a.png");
  EXPECT_EQ(manifest_error(R"({"title": "Demo", "lead": "All of it.", "sections": [
    {"title": "First", "text": ["words"], "pictures": [{"file": "a.png", "caption": "one"}],
     "columns": ["x"], "rows": [["1"]], "commands": ["go"]},
    {"title": "The run", "run": "run"}]})"),
            "");
  const Report report = read_report_manifest(folder_ / "list.json");
  Titles all;
  for (const ReportSection& section : report.sections) all.push_back(section.title);
  EXPECT_EQ(all, (Titles{"First", "The run", "Recipe", "Going on", "Files"}));
  EXPECT_EQ(report.sections[0].pictures.at(0).bytes, read_file(folder_ / "a.png"));
  EXPECT_EQ(report.sections[0].table.rows.at(0).at(0), "1");
}

TEST_F(RunReport, ManifestNamesWhatIsWrongInIt) {
  const std::string list = (folder_ / "list.json").string();
  EXPECT_EQ(manifest_error(R"({"sections": []})"), list + ": has no title");
  EXPECT_EQ(manifest_error(R"({"title": "T", "sections": [{"titel": "x"}]})"),
            list + ": sections[0]: unknown key 'titel', did you mean 'title'?");
  EXPECT_EQ(manifest_error(R"({"title": "T", "sections": [{"rows": [[1]]}]})"),
            list + ": sections[0]: rows[0][0]: got 1, wanted a text");
  EXPECT_NE(manifest_error(R"({"title": "T", "sections": [{"pictures": [{"file": "no.png"}]}]})")
                .find("no.png"),
            std::string::npos);
}

}  // namespace
}  // namespace mezzotint
