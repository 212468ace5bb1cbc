#include "mezzotint/training/run_summary.h"

#include <algorithm>
#include <chrono>

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/training/checkpoint.h"
#include "mezzotint/training/record_files.h"
#include "mezzotint/training/recorded_command.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

/// A text of the configuration; empty where there is none.
std::string text_of(const nlohmann::json& config, const char* key) {
  const auto found = config.find(key);
  return found != config.end() && found->is_string() ? found->get<std::string>() : "";
}

double seconds_since_1970(const fs::path& file) {
  std::error_code none;
  const fs::file_time_type time = fs::last_write_time(file, none);
  if (none) return 0;
  const auto system = std::chrono::file_clock::to_sys(time);
  return std::chrono::duration<double>(system.time_since_epoch()).count();
}

/// Time spent until the newest checkpoint; 0 before the first.
double seconds_spent(const fs::path& checkpoints) {
  const std::vector<fs::path> all = checkpoints_in(checkpoints);
  std::error_code none;
  if (all.empty() || !fs::exists(all.front() / "state.json", none)) return 0;
  const nlohmann::json state = read_json(all.front() / "state.json");
  const auto seconds = state.is_object() ? state.find("seconds") : state.end();
  return state.is_object() && seconds != state.end() && seconds->is_number()
             ? seconds->get<double>()
             : 0;
}

}  // namespace

std::string folder_key(const fs::path& folder) {
  std::error_code none;
  fs::path key = fs::weakly_canonical(fs::absolute(folder), none);
  if (none) key = fs::absolute(folder).lexically_normal();
  return (key.has_filename() ? key : key.parent_path()).string();
}

bool is_run_folder(const fs::path& folder) {
  std::error_code none;
  return fs::is_regular_file(folder / "config.json", none) &&
         fs::is_regular_file(folder / "metrics.jsonl", none);
}

RunProgress read_progress(const fs::path& folder) {
  RunProgress progress;
  for_each_record(folder / "metrics.jsonl",
                  [&progress](const Record& record) { progress.add(record); });
  return progress;
}

RunEntry summarize_run(const fs::path& folder) {
  if (!is_run_folder(folder))
    fail(folder.string(), ": is no run folder (it lacks config.json or metrics.jsonl); wanted the ",
         "folder that `mezzotint finetune` or `train` wrote with -o");
  RunEntry entry;
  entry.folder = folder_key(folder);
  entry.config = read_json(folder / "config.json");
  MEZZO_CHECK(entry.config.is_object(), (folder / "config.json").string(), ": wanted an object");
  entry.command_line = text_of(entry.config, "command_line");
  entry.config.erase("command_line");
  entry.verb = recorded_verb(entry.command_line);
  entry.recipe = text_of(entry.config, "recipe");
  entry.data = text_of(entry.config, "data");
  entry.init = text_of(entry.config, "init");
  entry.started = seconds_since_1970(folder / "config.json");
  entry.changed = seconds_since_1970(folder / "metrics.jsonl");
  entry.seconds = seconds_spent(folder / "checkpoints");
  TrainConfig training;
  if (entry.config.contains("training"))  // keys of another version are passed over
    from_json(training, entry.config.at("training"), (folder / "config.json").string());
  const RunProgress progress = read_progress(folder);
  progress.put(entry, training.num_epochs, training.max_train_steps);
  std::error_code none;  // a run that went on after its end has a model too
  const bool done = fs::is_directory(folder / "model", none) &&
                    progress.at_end(training.num_epochs, training.max_train_steps);
  entry.status = done ? "done" : "stopped";
  if (done) entry.planned = entry.updates;
  return entry;
}

std::vector<fs::path> find_run_folders(const fs::path& folder) {
  if (!fs::is_directory(folder)) fail(folder.string(), ": no such folder");
  if (is_run_folder(folder)) return {folder};
  std::vector<fs::path> found;
  std::error_code error;
  fs::recursive_directory_iterator below(folder, fs::directory_options::skip_permission_denied,
                                         error);
  for (; !error && below != fs::recursive_directory_iterator(); below.increment(error)) {
    std::error_code none;
    if (!below->is_directory(none) || below->is_symlink(none) || !is_run_folder(below->path()))
      continue;
    found.push_back(below->path());
    below.disable_recursion_pending();
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace mezzotint
