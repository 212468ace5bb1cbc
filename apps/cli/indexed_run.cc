#include "apps/cli/indexed_run.h"

#include <chrono>
#include <memory>
#include <utility>

#include "mezzotint/training/process_mark.h"
#include "mezzotint/training/run_index.h"
#include "mezzotint/training/run_summary.h"

#include "apps/cli/failure.h"
#include "apps/cli/run_index_place.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kBetweenWrites = std::chrono::seconds(5);

/// The row of the run at hand.
class RunRow : public Logger {
 public:
  RunRow(const Console& console, fs::path place, fs::path folder)
      : console_(console), place_(std::move(place)), folder_(std::move(folder)) {}

  void begin(const PreparedRun& run, const Position& start) {
    attempt([&] {
      config_ = run.config.training;
      planned_ = run.plan.updates;
      progress_ = read_progress(folder_);
      entry_ = summarize_run(folder_);
      if (start.micro_batch > 0) keep_start();
      seconds_before_ = entry_.seconds;
      began_ = Clock::now();
      entry_.host = host_name();
      entry_.process = process_mark();
      entry_.status = "running";
      known_ = true;
      write();
    });
  }

  void log(const Record& record) override {
    progress_.add(record);
    if (!known_ || Clock::now() - written_ < kBetweenWrites || !working_) return;
    attempt([&] { write(); });
  }

  void rewind(const Position& /*to*/) override {  // the records have been dropped by now
    attempt([&] { progress_ = read_progress(folder_); });
  }

  /// @param result of a run that came to its end: it knows best how long it took.
  void done(const TrainResult& result) {
    seconds_before_ = result.seconds;
    began_ = Clock::now();
    end("done");
  }

  void end(const std::string& status, const std::string& error = "") {
    if (!known_) return;
    entry_.status = status;
    entry_.error = error;
    attempt([&] { write(); });
  }

 private:
  /// The configuration, whose age says when a run began, is written anew when it goes on otherwise.
  void keep_start() {
    if (!fs::exists(place_)) return;
    const auto known = RunIndex(place_, Database::Access::kRead).find(folder_);
    if (known) entry_.started = known->started;
  }

  void write() {
    progress_.put(entry_, config_.num_epochs, config_.max_train_steps);
    entry_.planned = planned_;
    entry_.changed = now_seconds();
    written_ = Clock::now();
    entry_.seconds = seconds_before_ + std::chrono::duration<double>(written_ - began_).count();
    std::error_code ignored;  // RunIndex says what is wrong with the folder
    if (place_.has_parent_path()) fs::create_directories(place_.parent_path(), ignored);
    RunIndex(place_, Database::Access::kWrite).put(entry_);
  }

  template <class Work>
  void attempt(const Work& work) {
    try {
      work();
    } catch (const std::exception& error) {
      if (std::exchange(working_, false))
        console_.warn(std::string("`mezzotint runs` won't know this run as it is: ") +
                      error.what());
    }
  }

  const Console& console_;
  fs::path place_, folder_;
  RunEntry entry_;
  RunProgress progress_;
  TrainConfig config_;
  int64_t planned_ = 0;
  double seconds_before_ = 0;
  Clock::time_point began_, written_;
  bool known_ = false;   ///< begin() has filled the entry
  bool working_ = true;  ///< once a write has failed only the last one is tried again
};

}  // namespace

RunResult indexed_run(const Context& context, const fs::path& folder, RunHooks hooks,
                      const std::function<RunResult(const RunHooks&)>& work) {
  const fs::path place = run_index_place();
  if (place.empty()) {
    context.console.detail("no index of runs: MEZZOTINT_RUNS is off, or there is no home");
    return work(hooks);
  }
  const auto row = std::make_shared<RunRow>(context.console, place, folder);
  hooks.on_start = [row, others = hooks.on_start](const PreparedRun& run, const Position& start) {
    std::vector<LoggerPtr> loggers = others ? others(run, start) : std::vector<LoggerPtr>();
    row->begin(run, start);
    loggers.push_back(row);
    return loggers;
  };
  try {
    RunResult result = work(hooks);
    row->done(result.train);
    return result;
  } catch (const Error& error) {
    const bool stopped = error.kind() == ErrorKind::kCancelled;
    row->end(stopped ? "stopped" : "failed", stopped ? "" : error.what());
    throw;
  } catch (...) {
    row->end("failed", describe_failure().message);
    throw;
  }
}

}  // namespace mezzotint::cli
