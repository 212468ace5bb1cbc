#include "mezzotint/training/run.h"

#include <algorithm>

#include "mezzotint/base/fields.h"
#include "mezzotint/base/shell_quoted.h"
#include "mezzotint/io/atomic_file.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/folder_lock.h"
#include "mezzotint/io/utf8.h"
#include "mezzotint/training/checkpoint.h"
#include "mezzotint/training/record_files.h"
#include "mezzotint/training/tensor_board.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

/// Says from where the run can go on, unless the loop has (trainer.cc, give_up()).
[[noreturn]] void fail_with_way_on(const Error& error, const fs::path& folder) {
  const std::string what = error.what();
  std::vector<std::string> passed_over;
  const auto good = latest_checkpoint(folder / "checkpoints", passed_over);
  const bool said = what.find("the last good state is") != std::string::npos;
  if (said || !good || error.kind() != ErrorKind::kFailed) throw;
  fail(what, "; the last good checkpoint is ", good->string(),
       ": when that is mended, go on with: mezzotint resume ", shell_quoted(folder.string()));
}

RunResult run_in(const fs::path& folder, PreparedRun& run,
                 const std::optional<fs::path>& checkpoint, const RunHooks& hooks) {
  const Position start = checkpoint ? checkpoint_position(*checkpoint) : Position{};
  const int64_t after = checkpoint ? start.micro_batch : -1;
  TrainOptions options;
  options.config = run.config.training;
  options.folder = folder;
  options.cancel = hooks.cancel;
  options.resume_from = checkpoint;
  options.loggers.push_back(
      std::make_shared<RecordFile>(folder / "metrics.jsonl", RecordFile::Form::kJsonl, after));
  options.loggers.push_back(
      std::make_shared<RecordFile>(folder / "metrics.csv", RecordFile::Form::kCsv, after));
  if (run.config.training.tensorboard)
    options.loggers.push_back(
        open_tensor_board(folder, run.config, checkpoint ? start.update + 1 : 0));
  if (hooks.on_start)
    for (const LoggerPtr& logger : hooks.on_start(run, start)) options.loggers.push_back(logger);
  const std::unique_ptr<Learner> learner = run.learner(folder);
  try {
    RunResult result{train(*learner, options), folder / "model"};
    run.save(result.train.ema, result.model);
    return result;
  } catch (const Error& error) {
    fail_with_way_on(error, folder);
  }
}

/// Names that the data brings, of classes for one, needn't be UTF-8; config.json has to be.
void check_names(const RunConfig& config) {
  const nlohmann::json all = to_json(config).flatten();
  for (const auto& [place, value] : all.items())
    if (value.is_string() && !is_utf8(value.get<std::string>()))
      fail("training: ", place.substr(1), ": got ", in_quotes(value.get<std::string>()),
           ", which isn't UTF-8, as config.json has to be; rename it");
}

/// Whether a run can begin there: nothing is there but what a start that was killed left.
bool is_free(const fs::path& folder) {
  if (!fs::exists(folder)) return true;
  if (!fs::is_directory(folder)) return false;
  return std::ranges::all_of(fs::directory_iterator(folder), [](const fs::directory_entry& entry) {
    return is_temporary(entry.path()) || entry.path().filename() == FolderLock::kFile;
  });
}

}  // namespace

RunResult start_run(const RunConfig& config, const fs::path& folder, const RunHooks& hooks) {
  if (folder.empty()) fail_usage("training: no folder for the run; give -o DIR");
  if (fs::exists(folder / "config.json"))
    fail_usage(folder.string(), ": holds a run; go on with it by `mezzotint resume ",
               shell_quoted(folder.string()), "`, or give another folder");
  if (!is_free(folder))
    fail_usage(folder.string(), ": exists and isn't an empty folder; give another folder");
  const PreparedRunPtr run = prepare_run(config);
  check_names(run->config);
  run->try_data();
  std::error_code error;
  fs::create_directories(folder, error);
  MEZZO_CHECK(!error, folder.string(), ": can't be made: ", error.message());
  const FolderLock lock(folder);
  remove_temporaries(folder);
  if (!is_free(folder))
    fail_usage(folder.string(), ": another run began in it; give another folder");
  write_json(folder / "config.json", to_json(run->config));
  return run_in(folder, *run, std::nullopt, hooks);
}

RunResult resume_run(const fs::path& folder, const RunHooks& hooks, const nlohmann::json& changes) {
  const fs::path config_path = folder / "config.json";
  if (!fs::exists(config_path))
    fail(folder.string(), ": is no run folder (it has no config.json); wanted the folder that ",
         "`mezzotint finetune` or `train` wrote with -o");
  RunConfig config = read_run_config(config_path);
  const FolderLock lock(folder);
  remove_temporaries(folder);
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory()) remove_temporaries(entry.path());
  std::vector<std::string> warnings;
  const std::optional<fs::path> checkpoint = latest_checkpoint(folder / "checkpoints", warnings);
  if (!checkpoint && !warnings.empty())
    fail(folder.string(), ": none of its checkpoints can be used; ", warnings.front(),
         ". To begin anew, train into another folder");
  from_json_strict(config.training, changes, "command line");
  const PreparedRunPtr run =
      prepare_run(std::move(config), checkpoint ? StartWeights::kCheckpoint : StartWeights::kFresh);
  if (!changes.empty() && checkpoint)
    check_work_is_left(folder, checkpoint_position(*checkpoint), run->plan);
  if (!changes.empty()) write_json(config_path, to_json(run->config));
  if (!checkpoint) warnings.emplace_back("no checkpoint yet: the run begins anew");
  run->notes.insert(run->notes.begin(), warnings.begin(), warnings.end());
  return run_in(folder, *run, checkpoint, hooks);
}

}  // namespace mezzotint
