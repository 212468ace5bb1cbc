#include "mezzotint/training/run_index.h"

#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/training/process_mark.h"
#include "mezzotint/training/record_files.h"
#include "mezzotint/training/run_summary.h"
#include "mezzotint/training/without_secrets.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;
using Access = Database::Access;

RunEntry entry_in(const std::string& folder, double started = 1000) {
  RunEntry entry;
  entry.folder = folder;
  entry.started = started;
  entry.recipe = "diffusion";
  entry.data = "pictures";
  entry.status = "done";
  entry.updates = 40;
  entry.loss = 0.25;
  entry.config = {{"training", {{"lr", 1e-5}}}};
  return entry;
}

TEST(RunIndex, GivesBackWhatWasPut) {
  const ScratchFolder folder;
  RunEntry put = entry_in("/runs/a");
  put.planned = 50;
  put.best_loss = 0.125;
  put.error = "a line with 'quotes', \xC3\xA9 and \xFF";
  put.id = RunIndex(folder / "runs.sqlite", Access::kWrite).put(put);
  const std::vector<RunEntry> runs = RunIndex(folder / "runs.sqlite", Access::kRead).runs();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(to_json(runs[0]), to_json(put));
  EXPECT_FALSE(runs[0].validation_loss);
}

TEST(RunIndex, HasARowForEachFolderTheLatestFirst) {
  const ScratchFolder folder;
  RunIndex index(folder / "runs.sqlite", Access::kWrite);
  const int64_t first = index.put(entry_in("/runs/a", 1000));
  const int64_t second = index.put(entry_in("/runs/b", 2000));
  RunEntry more = entry_in("/runs/a", 1000);
  more.updates = 80;
  EXPECT_EQ(index.put(more), first);
  EXPECT_EQ(index.put(entry_in("/runs/c", 500)), second + 1);  // a change takes no number
  const std::vector<RunEntry> runs = index.runs();
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].id, second);
  EXPECT_EQ(runs[1].updates, 80);
  EXPECT_EQ(index.find("/runs/x/../a")->id, first);
  EXPECT_FALSE(index.find("/runs/d"));
}

TEST(RunIndex, ForgetsARunAndNeverGivesItsNumberAgain) {
  const ScratchFolder folder;
  RunIndex index(folder / "runs.sqlite", Access::kWrite);
  const int64_t first = index.put(entry_in("/runs/a"));
  EXPECT_TRUE(index.forget(first));
  EXPECT_FALSE(index.forget(first));
  EXPECT_TRUE(index.runs().empty());
  EXPECT_GT(index.put(entry_in("/runs/b")), first);
}

TEST(RunIndex, SeveralWriteAtOnce) {
  const ScratchFolder folder;
  const auto write = [&](const std::string& name) {
    for (int i = 0; i < 8; ++i)
      RunIndex(folder / "runs.sqlite", Access::kWrite).put(entry_in(concat("/", name, "/", i)));
  };
  std::thread one(write, "one"), two(write, "two");
  one.join();
  two.join();
  EXPECT_EQ(RunIndex(folder / "runs.sqlite", Access::kRead).runs().size(), 16u);
}

TEST(RunIndex, DamagedFilesAreOneClearLine) {
  const ScratchFolder folder;
  const std::filesystem::path file = folder / "runs.sqlite";
  {
    RunIndex index(file, Access::kWrite);
    for (int i = 0; i < 60; ++i) index.put(entry_in(concat("/", i)));
  }
  const std::string whole = read_file(file);
  const auto read = [&] { RunIndex(file, Access::kRead).runs(); };

  write_file_atomic(file, std::string(4096, 'x'));
  EXPECT_NE(error_of(read).find("damaged, or no SQLite file"), std::string::npos) << error_of(read);
  std::string torn = whole;
  for (size_t i = 4096; i < torn.size(); i += 7) torn[i] = static_cast<char>(i);
  write_file_atomic(file, torn);
  EXPECT_EQ(error_of(read).find(file.string() + ": is damaged"), 0u) << error_of(read);
  write_file_atomic(file, whole.substr(0, whole.size() / 2));
  EXPECT_EQ(error_of(read).find(file.string() + ": "), 0u) << error_of(read);
  EXPECT_EQ(error_of([&] {
              RunIndex(folder / "none/runs.sqlite", Access::kWrite);
            }).find((folder / "none/runs.sqlite").string() + ": can't be opened"),
            0u);
}

TEST(RunIndex, AColumnOfAnotherTypeIsDamage) {
  const ScratchFolder folder;
  const std::filesystem::path file = folder / "runs.sqlite";
  RunIndex(file, Access::kWrite).put(entry_in("/a"));
  Database(file, Access::kWrite).query("UPDATE runs SET updates = 'many'");
  EXPECT_NE(error_of([&] {
              RunIndex(file, Access::kRead).runs();
            }).find("is damaged: row 1: updates: got 'many', wanted a whole number"),
            std::string::npos);
}

TEST(RunIndex, ALaterVersionsAndAnotherProgramsFilesAreLeftAlone) {
  const ScratchFolder folder;
  const std::filesystem::path later = folder / "later", other = folder / "other";
  RunIndex(later, Access::kWrite).put(entry_in("/a"));
  Database(later, Access::kWrite).query("PRAGMA user_version = 2");
  EXPECT_NE(error_of([&] { RunIndex(later, Access::kWrite); }).find("by a later version (schema 2"),
            std::string::npos);
  Database(other, Access::kWrite).query("CREATE TABLE bookmarks (address TEXT)");
  const std::string before = read_file(other);
  EXPECT_NE(error_of([&] { RunIndex(other, Access::kWrite); }).find("is no index of runs"),
            std::string::npos);
  EXPECT_EQ(read_file(other), before);
}

TEST(RunIndex, HoldsNothingToSignInWith) {
  const ScratchFolder folder;
  RunEntry entry = entry_in("/a");
  entry.command_line = "mezzotint train --hub-token hf_abcdefghijklmnopqrst --lr 1e-5";
  entry.error = "https://me:opensesame@host/x: not there";
  entry.config["data"] = "https://me:opensesame@host/pictures";
  entry.config["lists"] =
      nlohmann::json::parse(R"([["--hub-token opensesame", 1], ["opened", 2]])");
  RunIndex(folder / "runs.sqlite", Access::kWrite).put(entry);
  const std::string bytes = read_file(folder / "runs.sqlite");
  for (const char* secret : {"hf_abcdef", "opensesame"})
    EXPECT_EQ(bytes.find(secret), std::string::npos) << secret;
  EXPECT_NE(bytes.find("--hub-token *** --lr 1e-5"), std::string::npos);
  const RunEntry read = RunIndex(folder / "runs.sqlite", Access::kRead).runs().at(0);
  EXPECT_EQ(read.config["lists"][0][0], "--hub-token ***");
  EXPECT_EQ(read.config["lists"][1][0], "opened");
}

TEST(WithoutSecrets, LeavesTheRestAsItIs) {
  for (const char* text : {"", "mezzotint train --tokenizer words --data 'my pictures' -o a",
                           "--key-frames 3 hf_short https://host/a@b", "--token"})
    EXPECT_EQ(without_secrets(text), text);
  EXPECT_EQ(without_secrets("a --token 'x y' b"), "a --token *** b");
  EXPECT_EQ(without_secrets("a --API_KEY=xyz --b"), "a --API_KEY=*** --b");
  EXPECT_EQ(without_secrets("--password "), "--password ***");
}

TEST(RunStatus, AKilledRunIsInterrupted) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {  // says who it is, and waits to be killed
    const std::string mark = process_mark();
    if (write(ready[1], mark.data(), mark.size()) < 0) _exit(1);
    for (;;) pause();
  }
  char mark[256];
  const ssize_t size = read(ready[0], mark, sizeof mark);
  ASSERT_GT(size, 0);
  RunEntry entry = entry_in("/a");
  entry.status = "running";
  entry.host = host_name();
  entry.process.assign(mark, static_cast<size_t>(size));
  EXPECT_EQ(run_status(entry), "running");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(run_status(entry), "interrupted");
  entry.host = "another";  // whose processes can't be seen
  entry.changed = now_seconds() - 60;
  EXPECT_EQ(run_status(entry), "running");
  entry.changed = now_seconds() - 3600;
  EXPECT_EQ(run_status(entry), "interrupted");
}

/// A run folder of two epochs, of the three that are wanted, of three updates, each of one
/// micro-batch of four pictures.
void write_run(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  write_json(folder / "config.json",
             {{"recipe", "diffusion"},
              {"data", "/pictures"},
              {"training", {{"lr", 0.5}, {"num_epochs", 3}, {"of_another_version", 1}}},
              {"command_line", "mezzotint --seed 3 train -o run"}});
  RecordFile file(folder / "metrics.jsonl", RecordFile::Form::kJsonl, -1);
  for (int64_t i = 1; i <= 6; ++i) {
    const Position at{(i - 1) / 3, (i - 1) % 3 + 1, i, i, 4 * i};
    file.log({at, "images_per_second", i <= 3 ? 2.0 : 4.0});
    file.log({at, "loss", 1.0 / static_cast<double>(i)});
    if (i % 3 == 0) file.log({at, "epoch_loss", static_cast<double>(i)});
  }
  file.log({{2, 0, 6, 6, 24}, "validation_loss", 0.7});
}

TEST(RunSummary, ReadsAFolder) {
  const ScratchFolder folder;
  write_run(folder / "run");
  const RunEntry entry = summarize_run(folder / "run");
  EXPECT_EQ(entry.folder, folder_key(folder / "run"));
  EXPECT_EQ(std::tuple(entry.status, entry.verb, entry.recipe, entry.data),
            std::tuple("stopped", "train", "diffusion", "/pictures"));
  EXPECT_EQ(std::tuple(entry.updates, entry.images, entry.planned), std::tuple(6, 24, 9));
  EXPECT_EQ(entry.epoch_loss, 6.0);
  EXPECT_EQ(entry.validation_loss, 0.7);
  EXPECT_DOUBLE_EQ(*entry.images_per_second, 24 / (12 / 2.0 + 12 / 4.0));
  double sum = 0, weight = 0;  // the running mean, written out
  for (int i = 1; i <= 6; ++i) {
    sum += std::pow(0.98, 6 - i) * 0.02 / i;
    weight += std::pow(0.98, 6 - i) * 0.02;
  }
  EXPECT_NEAR(*entry.loss, sum / weight, 1e-12);
  EXPECT_FALSE(entry.config.contains("command_line"));
  EXPECT_NEAR(entry.started, now_seconds(), 60);
}

TEST(RunSummary, IsDoneWhenItsRecordsGoToTheEndOfTheSettings) {
  const ScratchFolder folder;
  const std::filesystem::path run = folder / "run";
  write_run(run);
  std::filesystem::create_directory(run / "model");
  const auto with = [&](const char* name, int64_t value) {
    nlohmann::json config = read_json(run / "config.json");
    config["training"][name] = value;
    write_json(run / "config.json", config);
    return summarize_run(run);
  };
  EXPECT_EQ(with("num_epochs", 2).status, "done");
  EXPECT_EQ(with("num_epochs", 2).planned, 6);
  EXPECT_EQ(with("num_epochs", 3).status, "stopped");  // it went on after its end
  EXPECT_EQ(with("num_epochs", 3).planned, 9);
  EXPECT_EQ(with("max_train_steps", 6).status, "done");
  EXPECT_EQ(with("max_train_steps", 7).status, "stopped");
  std::filesystem::remove(run / "model");
  EXPECT_EQ(with("num_epochs", 2).status, "stopped");
}

TEST(RunSummary, AnUnfinishedLastLineIsPassedOverDamageIsNamed) {
  const ScratchFolder folder;
  write_run(folder / "run");
  const std::filesystem::path metrics = folder / "run/metrics.jsonl";
  const std::string whole = read_file(metrics);
  write_file_atomic(metrics, whole + R"({"epoch":2,"batch":1,"micro)");
  EXPECT_EQ(summarize_run(folder / "run").updates, 6);
  write_file_atomic(metrics, "no record\n" + whole);
  EXPECT_NE(error_of([&] { summarize_run(folder / "run"); }).find("metrics.jsonl:1"),
            std::string::npos);
}

TEST(RunSummary, FindsRunFoldersBelow) {
  const ScratchFolder folder;
  for (const char* name : {"b", "a/deep/run", "a/other"}) write_run(folder / name);
  std::filesystem::create_directories(folder / "b/model");
  std::filesystem::create_directory_symlink(folder.path(), folder / "a/around");
  const std::vector<std::filesystem::path> found = find_run_folders(folder.path());
  EXPECT_EQ(found, (std::vector<std::filesystem::path>{folder / "a/deep/run", folder / "a/other",
                                                       folder / "b"}));
  EXPECT_EQ(find_run_folders(folder / "b").size(), 1u);
}

}  // namespace
}  // namespace mezzotint
