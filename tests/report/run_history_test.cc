#include "mezzotint/report/run_history.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/training/record_files.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

Record record(int64_t update, const std::string& name, const decltype(Record::value)& value) {
  return {{0, update, update, update, 4 * update}, name, value};
}

TEST(RunHistory, KeepsNumbersPicturesAndEvents) {
  RunHistory history;
  history.add(record(1, "loss", 0.5));
  history.add(record(2, "loss", 0.25));
  history.add(record(2, "samples", fs::path("samples/update-00000002.png")));
  history.add(record(2, "checkpoint", std::string("update-00000002")));
  history.add(record(3, "skipped", std::string("bad.png")));
  EXPECT_EQ(history.position().update, 3);
  ASSERT_NE(history.trace("loss"), nullptr);
  EXPECT_EQ(history.trace("loss")->count(), 2);
  EXPECT_EQ(history.trace("lr"), nullptr);
  EXPECT_EQ(history.images_at().at(2), 8);
  ASSERT_EQ(history.events().size(), 1u);
  EXPECT_EQ(history.events()[0].text, "bad.png");
}

TEST(RunHistory, GoesBackWithTheRun) {
  RunHistory history;
  for (int64_t i = 1; i <= 9; ++i) history.add(record(i, "loss", 1.0));
  history.add(record(9, "samples", fs::path("samples/update-00000009.png")));
  history.add(record(4, "rolled_back", std::string("update-00000004")));
  history.add(record(5, "loss", 2.0));
  const auto points = history.trace("loss")->points();
  ASSERT_EQ(points.size(), 5u);
  EXPECT_EQ(points.back().value, 2.0);
  EXPECT_TRUE(history.images_at().empty());
}

TEST(RunHistory, HoldsLittleWhateverIsLogged) {
  RunHistory history;
  for (int i = 0; i < 1000; ++i) {
    history.add(record(1, "name " + std::to_string(i), 1.0));
    history.add(record(1, "skipped", std::to_string(i)));
  }
  EXPECT_LE(history.traces().size(), 200u);
  EXPECT_EQ(history.events().size(), 30u);
  EXPECT_EQ(history.events().back().text, "999");
}

TEST(RunHistory, ReadsAFileThatIsBeingWritten) {
  const fs::path path = fs::path(testing::TempDir()) / "history_test.jsonl";
  {
    RecordFile file(path, RecordFile::Form::kJsonl, -1);
    file.log(record(1, "loss", 0.5));
  }
  const std::string whole = read_file(path);
  write_file_atomic(path, whole + R"({"epoch":0,"batch":2,"micro)");
  RunHistory history;
  history.read(path);
  EXPECT_EQ(history.trace("loss")->count(), 1);
  EXPECT_EQ(history.bad_lines().count, 0);
  fs::remove(path);
  RunHistory nothing;
  nothing.read(path);
  EXPECT_TRUE(nothing.traces().empty());
}

TEST(RunHistory, PassesOverWhatIsNoRecord) {
  const fs::path path = fs::path(testing::TempDir()) / "history_test.jsonl";
  {
    RecordFile file(path, RecordFile::Form::kJsonl, -1);
    file.log(record(1, "loss", 0.5));
    file.log(record(2, "loss", 0.5));
  }
  const std::string whole = read_file(path);
  const size_t first = whole.find('\n') + 1;
  const std::string bad = "{\"epoch\":0,\"ba\n\xFF\x01\n{\"name\":3,\"value\":1}\n";
  write_file_atomic(path, whole.substr(0, first) + bad + whole.substr(first));
  RunHistory history;
  history.read(path);
  EXPECT_EQ(history.trace("loss")->count(), 2);
  EXPECT_EQ(history.bad_lines().count, 3);
  EXPECT_EQ(history.bad_lines().first, 2);
  fs::remove(path);
}

}  // namespace
}  // namespace mezzotint
