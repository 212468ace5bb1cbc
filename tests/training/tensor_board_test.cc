#include "mezzotint/training/tensor_board.h"

#include <csignal>
#include <set>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "mezzotint/io/image.h"
#include "mezzotint/training/record_files.h"
#include "mezzotint/training/tensor_board_event.h"

#include "tests/training/event_file.h"
#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;
namespace fs = std::filesystem;

using Value = decltype(Record::value);

/// After `update` updates of two micro-batches each.
Record record(int64_t update, const std::string& name, Value value) {
  return {{0, 2 * update, 2 * update, update, 8 * update}, name, std::move(value)};
}

/// The losses of the micro-batches (first, last].
void log_losses(Logger& logger, int64_t first, int64_t last) {
  for (int64_t i = first + 1; i <= last; ++i)
    logger.log({{0, i, i, i / 2, 4 * i}, "loss", 1.0 / static_cast<double>(i)});
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

TEST(TensorBoardEvent, IsWhatTensorBoardsOwnProtocolBuffersMake) {
  std::ifstream file(training_data("tensor_board.json"));
  const nlohmann::json reference = nlohmann::json::parse(file);
  const EventTime at = {reference.at("wall_time"), reference.at("step")};
  Histogram spread = {3, 0, -1, 1, 1, 3, -321, std::vector<int64_t>(2 * 321 + 1)};
  spread.counts.front() = 1;
  spread.counts.back() = 2;
  const std::map<std::string, std::string> made = {
      {"file_version", file_version_event(at.wall_time)},
      {"session_start", session_start_event(at)},
      {"scalar", scalar_event(at, "loss/train", 0.1)},
      {"picture", picture_event(at, "pictures/samples", {{"not \0 a PNG", 11}, 3, 2, 4})},
      {"histogram", histogram_event(at, "weights/conv_in.bias", spread)},
      {"text", text_event(at, "run/configuration", "| lr | µ |")}};
  ASSERT_EQ(reference.at("events").size(), made.size());
  for (const auto& [name, event] : made) {
    EXPECT_EQ(event, from_hex(reference.at("events").at(name))) << name;
    EXPECT_EQ(tf_record(event), from_hex(reference.at("records").at(name))) << name;
  }
}

TEST(TensorBoardTag, GroupsWhatBelongsTogether) {
  const std::vector<std::tuple<std::string, Value, std::string>> cases = {
      {"loss", 1.0, "loss/train"},
      {"epoch_loss", 1.0, "loss/epoch"},
      {"validation_loss", 1.0, "loss/validation"},
      {"validation_loss_ema", 1.0, "loss/validation_ema"},
      {"loss_at/000-099", 1.0, "loss_at/000-099"},
      {"lr", 1.0, "progress/lr"},
      {"accuracy", 1.0, "scores/accuracy"},
      {"glossy", 1.0, "scores/glossy"},
      {"samples", fs::path("samples/a.png"), "pictures/samples"},
      {"checkpoint", std::string("update-00000001"), "run/checkpoint"},
      {"weights/conv_in.bias", Histogram(), "weights/conv_in.bias"},
      {"norms", Histogram(), "histograms/norms"}};
  for (const auto& [name, value, tag] : cases) EXPECT_EQ(tensor_board_tag({{}, name, value}), tag);
}

TEST(TensorBoardFile, SaysWhatARunSays) {
  const ScratchFolder folder;
  fs::create_directory(folder / "samples");
  const Image image{3, 2, 3, std::vector<uint8_t>(18, 7), {}};
  write_png(folder / "samples/a.png", image);
  RunConfig config;
  config.data = "a|b";
  config.command_line = "mezzotint train\n--data 'a|b'";
  {
    const auto file = open_tensor_board(folder.path(), config, 0);
    log_losses(*file, 0, 2);
    file->log(record(1, "lr", 0.25));
    file->log(record(1, "samples", fs::path("samples/a.png")));
    file->log(record(1, "samples", fs::path("samples/gone.png")));
    file->log(record(1, "checkpoint", std::string("update-00000001")));
  }
  const std::vector<fs::path> files = event_files(folder.path());
  ASSERT_EQ(files.size(), 1u);
  EXPECT_TRUE(files[0].filename().string().starts_with("events.out.tfevents."));
  const std::vector<ReadEvent> events = read_events(files[0]);
  ASSERT_EQ(events.size(), 7u);
  EXPECT_EQ(events[0].file_version, "brain.Event:2");
  const std::string& table = events[1].value.at(8);
  EXPECT_NE(table.find("| `data` | `\"a\\|b\"` |\n"), std::string::npos);
  EXPECT_NE(table.find("| `training.lr` | `0.0001` |\n"), std::string::npos);
  EXPECT_NE(events[2].value.at(8).find("    mezzotint train\n    --data 'a|b'"), std::string::npos);
  EXPECT_EQ(events[3].tag, "loss/train");
  EXPECT_EQ(events[3].step, 1);
  EXPECT_EQ(events[3].number, 0.75F);  // of losses 1 and 0.5
  EXPECT_EQ(events[4].tag, "progress/lr");
  EXPECT_EQ(events[4].step, 1);
  EXPECT_EQ(events[5].value.at(4).substr(0, 7), "\x08\x02\x10\x03\x18\x03\x22");
  EXPECT_EQ(events[6].tag, "run/checkpoint");
  const double now = static_cast<double>(std::time(nullptr));
  for (const ReadEvent& event : events) EXPECT_NEAR(event.wall_time, now, 600);
}

/// What TensorBoard shows of a run: step, tag and value of all numbers, after START events had
/// their way.
std::multiset<std::tuple<int64_t, std::string, float>> shown(const fs::path& run) {
  std::multiset<std::tuple<int64_t, std::string, float>> points;
  for (const fs::path& file : event_files(run))
    for (const ReadEvent& event : read_events(file)) {
      if (event.session_start)
        std::erase_if(points, [&](const auto& point) { return std::get<0>(point) >= event.step; });
      if (!event.tag.empty()) points.emplace(event.step, event.tag, event.number);
    }
  return points;
}

TEST(TensorBoardFile, AResumedRunLooksLikeOneThatWasNeverCut) {
  const ScratchFolder cut, whole;
  const auto told = [](const ScratchFolder& folder, int64_t from, int64_t to) {
    RecordFile metrics(folder / "metrics.jsonl", RecordFile::Form::kJsonl,
                       from == 0 ? -1 : 2 * from);
    const auto file = open_tensor_board(folder.path(), {}, from == 0 ? 0 : from + 1);
    for (int64_t update = from + 1; update <= to; ++update)
      for (Logger* logger : std::initializer_list<Logger*>{&metrics, file.get()}) {
        log_losses(*logger, 2 * update - 2, 2 * update);
        logger->log(record(update, "lr", 0.5));
      }
  };
  told(whole, 0, 9);
  told(cut, 0, 7);
  told(cut, 4, 6);  // from the checkpoint of update 4, and from that of update 5
  told(cut, 5, 9);
  EXPECT_EQ(event_files(cut.path()).size(), 3u);
  EXPECT_EQ(shown(cut.path()), shown(whole.path()));
  told(cut, 0, 9);  // no checkpoint was left
  EXPECT_EQ(shown(cut.path()), shown(whole.path()));
  fs::remove_all(cut / "tensorboard");  // a run of before there was such a folder
  told(cut, 5, 9);
  EXPECT_EQ(shown(cut.path()), shown(whole.path()));
}

TEST(TensorBoardFile, GoesOnWithinAnUpdateAndLogsNothingAgain) {
  const ScratchFolder folder;
  const auto told = [&](int64_t from, int64_t to) {
    RecordFile metrics(folder / "metrics.jsonl", RecordFile::Form::kJsonl, from == 0 ? -1 : from);
    const auto file = open_tensor_board(folder.path(), {}, from == 0 ? 0 : from / 2 + 1);
    log_losses(metrics, from, to);
    log_losses(*file, from, to);
  };
  told(0, 7);
  told(5, 8);  // from a checkpoint in the middle of update 3
  const std::vector<ReadEvent> events = read_events(event_files(folder.path()).at(1));
  ASSERT_EQ(events.size(), 4u);  // version, START, the updates 3 and 4
  EXPECT_EQ(events[2].step, 3);
  EXPECT_FLOAT_EQ(events[2].number, (1.0F / 5 + 1.0F / 6) / 2);
  EXPECT_EQ(events[3].step, 4);
}

TEST(TensorBoardFile, ALeftOutUpdateLendsNoLossToTheNext) {
  const ScratchFolder folder;
  TensorBoardFile file(folder.path(), 0);
  log_losses(file, 0, 1);
  file.log(record(1, "skipped", std::string("loss is nan")));
  log_losses(file, 2, 4);
  const std::vector<ReadEvent> events = read_events(event_files(folder.path()).at(0));
  ASSERT_EQ(events.size(), 3u);  // version, what was skipped, update 2
  EXPECT_EQ(events[2].step, 2);
  EXPECT_FLOAT_EQ(events[2].number, (1.0F / 3 + 1.0F / 4) / 2);
}

TEST(TensorBoardFile, SortsBehindFilesFromTheFuture) {
  const ScratchFolder folder;
  fs::create_directories(folder / "tensorboard");
  write_file_atomic(folder / "tensorboard/events.out.tfevents.9000000000.host.1", "");
  const TensorBoardFile file(folder.path(), 0);
  const std::string name = event_files(folder.path()).at(1).filename().string();
  EXPECT_TRUE(name.starts_with("events.out.tfevents.9000000001.")) << name;
}

TEST(TensorBoardFile, NamesTheFileThatCantBeWritten) {
  const ScratchFolder folder;
  const auto names_file = [](const std::string& message) {
    EXPECT_NE(message.find("tensorboard/events.out.tfevents."), std::string::npos) << message;
  };
  TensorBoardFile removed(folder.path(), 0);
  fs::remove_all(folder / "tensorboard");
  names_file(error_of([&] { removed.log(record(1, "lr", 0.5)); }));

  TensorBoardFile full(folder.path(), 0);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit little = {4096, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &little);
  const std::string message = error_of([&] { full.log_text("t", 0, std::string(1 << 20, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  names_file(message);

  write_file_atomic(folder / "file", "");
  const std::string nowhere = error_of([&] { const TensorBoardFile file(folder / "file", 0); });
  EXPECT_NE(nowhere.find("file/tensorboard"), std::string::npos) << nowhere;
}

}  // namespace
}  // namespace mezzotint
