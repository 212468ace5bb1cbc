#include "mezzotint/training/tensor_board.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/image.h"
#include "mezzotint/io/tf_record.h"
#include "mezzotint/training/process_mark.h"
#include "mezzotint/training/record_files.h"
#include "mezzotint/training/tensor_board_event.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFileName = "events.out.tfevents.";  // TensorBoard looks for the word
constexpr std::array kProgress = {"lr", "grad_norm", "images_per_second", "memory_mb"};

double wall_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// "validation_loss_ema" without its word "loss": "validation_ema"; nothing if it hasn't the word.
std::optional<std::string> kind_of_loss(const std::string& name) {
  std::string kind;
  bool loss = false;
  std::istringstream words(name);
  for (std::string word; std::getline(words, word, '_');) {
    if (word == "loss")
      loss = true;
    else
      kind += (kind.empty() ? "" : "_") + word;
  }
  if (!loss) return std::nullopt;
  return kind.empty() ? "train" : kind;
}

/// The newest time in the names of the event files of a folder.
std::optional<int64_t> newest_time(const fs::path& folder) {
  std::optional<int64_t> newest;
  std::error_code error;
  const fs::directory_iterator files(folder, error);
  MEZZO_CHECK(!error, folder.string(), ": can't be listed: ", error.message());
  for (const auto& entry : files) {
    const std::string name = entry.path().filename().string();
    int64_t time = 0;
    if (!name.starts_with(kFileName)) continue;
    std::from_chars(name.data() + kFileName.size(), name.data() + name.size(), time);
    newest = std::max(newest.value_or(time), time);
  }
  return newest;
}

/// Settings and their values as the rows of a table, those of a section under SECTION.NAME.
void add_rows(std::string& table, const std::string& section, const nlohmann::json& settings) {
  for (const auto& [name, value] : settings.items()) {
    const std::string place = section.empty() ? name : concat(section, ".", name);
    if (value.is_object()) {
      add_rows(table, place, value);
      continue;
    }
    table += "| `" + place + "` | `";
    for (const char letter : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
      table += letter == '|' ? "\\|" : std::string(1, letter);
    table += "` |\n";
  }
}

std::string table_of(const RunConfig& config) {
  std::string table = "| setting | value |\n| --- | --- |\n";
  add_rows(table, "", to_json(config));
  return table;
}

/// A block of Markdown that is shown as it is.
std::string verbatim(const std::string& text) {
  std::string block = "    ";
  for (const char letter : text) block += letter == '\n' ? "\n    " : std::string(1, letter);
  return block;
}

}  // namespace

std::string tensor_board_tag(const Record& record) {
  const std::string& name = record.name;
  if (name.find('/') != std::string::npos) return name;
  if (record.image()) return "pictures/" + name;
  if (record.text()) return "run/" + name;
  if (record.histogram()) return "histograms/" + name;
  if (const auto kind = kind_of_loss(name)) return "loss/" + *kind;
  return (std::ranges::find(kProgress, name) != kProgress.end() ? "progress/" : "scores/") + name;
}

TensorBoardFile::TensorBoardFile(fs::path run, int64_t first_step) : run_(std::move(run)) {
  open(first_step);
}

void TensorBoardFile::open(int64_t first_step) {
  const fs::path folder = run_ / "tensorboard";
  std::error_code error;
  fs::create_directories(folder, error);
  MEZZO_CHECK(!error, folder.string(), ": can't be made: ", error.message());
  const std::optional<int64_t> newest = newest_time(folder);
  const int64_t time = std::max(static_cast<int64_t>(wall_time()), newest.value_or(-1) + 1);
  path_ = folder / concat(kFileName, time, ".", host_name(), ".", ::getpid());
  file_.reset(std::fopen(path_.c_str(), "wbx"));
  MEZZO_CHECK(file_, path_.string(), ": can't be opened for writing: ", std::strerror(errno));
  write(file_version_event(wall_time()));
  if (!newest) return;
  first_step_ = first_step;
  write(session_start_event({wall_time(), first_step}));
}

std::optional<double> TensorBoardFile::gather(const Record& record) {
  if (record.name == "skipped") loss_ = {record.at.update};
  if (record.name != "loss" || !record.number()) return std::nullopt;
  loss_.sum += *record.number();
  ++loss_.count;
  if (record.at.update == loss_.updates) return std::nullopt;  // more are to come
  const double mean = loss_.sum / static_cast<double>(loss_.count);
  loss_ = {record.at.update};
  return mean;
}

void TensorBoardFile::log(const Record& record) {
  const EventTime at = {wall_time(), record.at.update};
  const std::string tag = tensor_board_tag(record);
  const std::optional<double> loss = gather(record);
  if (record.name == "loss") {
    if (loss) write(scalar_event(at, tag, *loss));
  } else if (const double* number = record.number()) {
    write(scalar_event(at, tag, *number));
  } else if (const Histogram* histogram = record.histogram()) {
    write(histogram_event(at, tag, *histogram));
  } else if (const std::string* text = record.text()) {
    log_text(tag, at.step, *text);
  } else if (const fs::path path = run_ / *record.image(); fs::exists(path)) {
    const std::string png = read_file(path);
    const Image image = decode_image(png, path.string());
    write(picture_event(at, tag, {png, image.width, image.height, image.channels}));
  }
}

void TensorBoardFile::log_past() {
  const fs::path metrics = run_ / "metrics.jsonl";
  if (!fs::exists(metrics)) return;
  loss_ = {};
  for_each_record(metrics, [this](const Record& record) {
    if (record.at.update >= first_step_)
      log(record);
    else
      gather(record);
  });
}

void TensorBoardFile::rewind(const Position& to) {
  open(to.update + 1);
  log_past();
}

void TensorBoardFile::log_text(const std::string& tag, int64_t step, const std::string& markdown) {
  write(text_event({wall_time(), step}, tag, markdown));
}

void TensorBoardFile::write(const std::string& event) {
  const std::string record = tf_record(event);
  const bool written = std::fwrite(record.data(), 1, record.size(), file_.get()) == record.size() &&
                       std::fflush(file_.get()) == 0;
  MEZZO_CHECK(written, path_.string(), ": can't be written: ", std::strerror(errno));
  struct stat status {};
  MEZZO_CHECK(::fstat(::fileno(file_.get()), &status) == 0 && status.st_nlink > 0, path_.string(),
              ": was removed while the run writes it");
}

std::shared_ptr<TensorBoardFile> open_tensor_board(const fs::path& run, const RunConfig& config,
                                                   int64_t first_step) {
  const auto file = std::make_shared<TensorBoardFile>(run, first_step);
  if (file->first_step() == 0) {
    file->log_text("run/configuration", 0, table_of(config));
    if (!config.command_line.empty())
      file->log_text("run/command_line", 0, verbatim(config.command_line));
  }
  file->log_past();
  return file;
}

}  // namespace mezzotint
