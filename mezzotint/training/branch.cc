#include "mezzotint/training/branch.h"

#include <algorithm>
#include <string>
#include <vector>

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/files.h"
#include "mezzotint/training/checkpoint.h"
#include "mezzotint/training/prepared_run.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

std::string names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::path& path : checkpoints_in(folder)) names.push_back(path.filename().string());
  std::ranges::reverse(names);  // the oldest first
  return joined(names);
}

/// The checkpoint between updates that the branch begins at, or else the newest.
fs::path chosen_checkpoint(const Branch& branch) {
  const fs::path folder = branch.from / "checkpoints";
  if (!branch.update) {
    std::vector<std::string> passed_over;
    const auto newest = latest_checkpoint(folder, passed_over);
    if (!newest) fail(branch.from.string(), ": has no checkpoint to begin at");
    return *newest;
  }
  const fs::path wanted = folder / update_name(*branch.update);
  if (!fs::exists(wanted))
    fail(branch.from.string(), ": has no checkpoint of update ", *branch.update, "; there are ",
         names_in(folder), ". --keep-checkpoints keeps more of a run");
  if (const std::string wrong = checkpoint_damage(wanted); !wrong.empty()) fail(wrong);
  return wanted;
}

void copy_samples(const fs::path& from, const fs::path& into, int64_t update) {
  if (!fs::is_directory(from)) return;
  fs::create_directories(into);
  const std::string last = update_name(update);
  for (const auto& entry : fs::directory_iterator(from)) {
    const std::string name = entry.path().filename().string();
    const bool past = name.starts_with("update-") && name.substr(0, last.size()) <= last;
    if (past || name == "before.safetensors") fs::copy_file(entry.path(), into / name);
  }
}

}  // namespace

fs::path branch_run(const Branch& branch) {
  if (!fs::exists(branch.from / "config.json"))
    fail(branch.from.string(), ": is no run folder (it has no config.json)");
  if (branch.into.empty()) fail_usage("branch: no folder for the new run; give -o DIR");
  if (fs::exists(branch.into) && !(fs::is_directory(branch.into) && fs::is_empty(branch.into)))
    fail_usage(branch.into.string(), ": exists and isn't an empty folder; give another folder");
  RunConfig config = read_run_config(branch.from / "config.json");
  from_json_strict(config.training, branch.changes, "command line");
  validate(config.training);
  config.command_line = branch.command_line;
  const fs::path checkpoint = chosen_checkpoint(branch);
  const PreparedRunPtr run = prepare_run(config, StartWeights::kCheckpoint);
  check_work_is_left(checkpoint, checkpoint_position(checkpoint), run->plan);
  const fs::path place = fs::path("checkpoints") / checkpoint.filename();
  write_folder_atomic(branch.into, [&](const fs::path& scratch) {
    fs::create_directories(scratch / "checkpoints");
    fs::copy(checkpoint, scratch / place);
    if (const std::string wrong = checkpoint_damage(scratch / place); !wrong.empty()) fail(wrong);
    for (const char* records : {"metrics.jsonl", "metrics.csv"})  // resume_run() cuts them
      if (fs::exists(branch.from / records))
        fs::copy_file(branch.from / records, scratch / records);
    copy_samples(branch.from / "samples", scratch / "samples",
                 checkpoint_position(checkpoint).update);
    write_json(scratch / "config.json", to_json(config));
  });
  return branch.into / place;
}

}  // namespace mezzotint
