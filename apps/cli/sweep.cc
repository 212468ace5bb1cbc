// `mezzotint sweep --grid lr=1e-5,1e-4 --grid batch_size=4,8 ...`: a run of `train` for each point
// of a grid, one after the other, and a table of what came of them.
#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/files.h"
#include "mezzotint/training/checkpoint.h"
#include "mezzotint/training/run_forecasts.h"
#include "mezzotint/training/run_summary.h"

#include "apps/cli/failure.h"
#include "apps/cli/options.h"
#include "apps/cli/resume_settings.h"
#include "apps/cli/sweep_folder.h"
#include "apps/cli/sweep_plan.h"
#include "apps/cli/sweep_ranking.h"
#include "apps/cli/sweep_result.h"
#include "apps/cli/train_request.h"
#include "apps/cli/training_session.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

struct SweepRequest {
  std::shared_ptr<TrainRequest> train;
  std::vector<std::string> grid;
  bool retry = false;
};

/// The settings of one run; the command may be repeated from another folder.
RunConfig run_config(const SweepRequest& request, const Context& context,
                     const nlohmann::json& settings = nlohmann::json::object()) {
  RunConfig config = train_config(*request.train, context, settings);
  std::error_code none;
  if (fs::exists(config.data, none)) config.data = folder_key(config.data);
  return config;
}

std::vector<GridAxis> axes_of(const std::vector<std::string>& grid, const std::string& recipe) {
  std::vector<GridAxis> axes;
  for (const std::string& axis : grid) axes.push_back(parse_grid_axis(axis, recipe));
  return axes;
}

/// Where the run would go on.
Position saved_position(const fs::path& run) {
  std::vector<std::string> passed_over;
  const auto checkpoint = latest_checkpoint(run / "checkpoints", passed_over);
  return checkpoint ? checkpoint_position(*checkpoint) : Position{};
}

class Sweep {
 public:
  Sweep(Context& context, const SweepRequest& request, const RunConfig& base)
      : context_(context),
        request_(request),
        axes_(axes_of(request.grid, base.recipe)),
        points_(grid_points(axes_)),
        folder_(*request.train->flags.folder, axes_, base) {}

  /// Trains what is still to be trained, and says what came of all.
  void run();
  /// Says what run() would do, without writing anything.
  void plan();

 private:
  std::vector<size_t> still_to_do() const;
  bool wants_more(const GridPoint& point) const;
  RunConfig config_of(const GridPoint& point) const {
    return run_config(request_, context_, point.settings);
  }
  bool has_begun(const GridPoint& point) const {
    return fs::exists(folder_.run(point) / "config.json");
  }
  PreparedRunPtr prepared(const GridPoint& point) const;
  void run_point(size_t index);
  RunResult train(const GridPoint& point, const RunHooks& hooks) const;
  [[noreturn]] void stop(size_t index);
  SweepRow row_of(const GridPoint& point) const;
  SweepResult result() const;
  void write_result() const;
  void print_result() const;
  void report_failures() const;

  Context& context_;
  const SweepRequest& request_;
  std::vector<GridAxis> axes_;
  std::vector<GridPoint> points_;
  SweepFolder folder_;
};

void Sweep::run() {
  const std::vector<size_t> waiting = still_to_do();
  // All are tried before the first begins: the last may be hours away.
  for (const size_t i : waiting) prepared(points_[i]);
  for (const size_t i : waiting) run_point(i);
  write_result();
  print_result();
  report_failures();
}

void Sweep::plan() {
  SweepPlan plan{axes_, {}};
  for (const GridPoint& point : points_)
    plan.runs.push_back({point, folder_.outcome(point).status, 0, std::nullopt});
  RunForecasts forecasts;
  for (const size_t i : still_to_do()) {
    const PreparedRunPtr run = prepared(points_[i]);
    const Position start = saved_position(folder_.run(points_[i]));
    plan.runs[i].updates = std::max<int64_t>(run->plan.updates - start.update, 0);
    if (plan.runs[i].updates > 0) plan.runs[i].forecast = forecasts.of(*run, start);
  }
  if (context_.global.json)
    print_json(plan_document(plan, folder_.path()));
  else
    print("%s", plan_table(plan, folder_.path()).c_str());
  flush_stdout();  // before what is said to stderr
  const std::string total = plan_total_in_words(plan);
  if (!total.empty()) context_.console.say(total);
  context_.console.say("nothing was written: --dry-run");
}

std::vector<size_t> Sweep::still_to_do() const {
  std::vector<size_t> waiting;
  for (size_t i = 0; i < points_.size(); ++i) {
    const std::string status = folder_.outcome(points_[i]).status;
    if (status == "gone")
      context_.console.say(points_[i].name + ": its folder is gone; to be made again");
    if (status == "failed" && !request_.retry) continue;
    if (status == "done" && !wants_more(points_[i])) continue;
    waiting.push_back(i);
  }
  const size_t kept = points_.size() - waiting.size();
  context_.console.say(concat(counted(points_.size(), "run"),
                              kept > 0 ? concat(", of which ", kept, " were made before") : ""));
  return waiting;
}

/// Whether a run that came to its end is to be longer now.
bool Sweep::wants_more(const GridPoint& point) const {
  const fs::path run = folder_.run(point);
  const nlohmann::json changes =
      resume_changes(read_run_config(run / "config.json"), config_of(point));
  if (!changes.contains("num_epochs") && !changes.contains("max_train_steps")) return false;
  return prepared(point)->plan.updates > summarize_run(run).updates;
}

/// A run that could begin. @throws Error naming the point for settings that can't be trained.
PreparedRunPtr Sweep::prepared(const GridPoint& point) const {
  context_.cancel.check();
  try {
    PreparedRunPtr run = prepare_run(config_of(point));
    run->try_data();
    return run;
  } catch (const Error& error) {
    throw Error(concat(point.name, ": ", error.what()), error.kind());
  }
}

void Sweep::run_point(size_t index) {
  const GridPoint& point = points_[index];
  if (context_.cancel.cancelled()) stop(index);
  context_.console.say(concat("run ", index + 1, " of ", points_.size(), ": ", point.name,
                              has_begun(point) ? ", going on" : ""));
  folder_.set(point, {"running", ""});
  try {
    watched(
        context_, "training", folder_.run(point),
        [&](const RunHooks& hooks) { return train(point, hooks); }, Told::kBriefly);
    folder_.set(point, {"done", ""});
  } catch (...) {
    const Failure failure = describe_failure();
    if (context_.cancel.cancelled()) stop(index);
    folder_.set(point, {"failed", failure.message});
    context_.console.warn(concat(point.name, ": ", failure.message));
  }
}

RunResult Sweep::train(const GridPoint& point, const RunHooks& hooks) const {
  const fs::path run = folder_.run(point);
  const RunConfig config = config_of(point);
  if (!has_begun(point)) return start_run(config, run, hooks);
  return resume_run(run, hooks, resume_changes(read_run_config(run / "config.json"), config));
}

/// Ends the sweep for now.
void Sweep::stop(size_t index) {
  if (folder_.outcome(points_[index]).status == "running")
    folder_.set(points_[index], {"stopped", ""});
  write_result();
  throw Error(concat("stopped in run ", index + 1, " of ", points_.size(), " (",
                     points_[index].name, "), which is saved; the same command goes on"),
              ErrorKind::kCancelled);
}

SweepRow Sweep::row_of(const GridPoint& point) const {
  const SweepFolder::Outcome outcome = folder_.outcome(point);
  const fs::path run = folder_.run(point);
  SweepRow row{point, outcome.status, outcome.error, {}};
  if (is_run_folder(run)) row.entry = summarize_run(run);
  row.entry.folder = folder_key(run);
  return row;
}

SweepResult Sweep::result() const {
  SweepResult result{axes_, {}};
  for (const GridPoint& point : points_) result.rows.push_back(row_of(point));
  for (const GridPoint& point : folder_.others(points_)) result.rows.push_back(row_of(point));
  return result;
}

void Sweep::write_result() const {
  if (!fs::exists(folder_.path())) return;  // stopped before anything began
  const SweepResult now = result();
  write_file_atomic(folder_.path() / "sweep.csv", sweep_csv(now));
  write_file_atomic(folder_.path() / "sweep.html",
                    render_html(sweep_page(now, folder_.path(), context_.command_line)));
  context_.console.say("table and curves: " + (folder_.path() / "sweep.html").string());
}

void Sweep::print_result() const {
  const SweepResult now = result();
  if (context_.global.json)
    print_json(sweep_document(now, folder_.path()));
  else
    print("%s", sweep_table(now, folder_.path()).c_str());
  flush_stdout();  // before what is said to stderr
  for (const std::string& line : ranking_in_words(ranked(now))) context_.console.say(line);
}

void Sweep::report_failures() const {
  std::vector<std::string> failed;
  for (const GridPoint& point : points_)
    if (folder_.outcome(point).status == "failed") failed.push_back(point.name);
  if (!failed.empty())
    fail("sweep: ", failed.size(), " of ", counted(points_.size(), "run"),
         " failed: ", joined(failed, "; "), "; sweep.csv says why, --retry tries them again");
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto request = std::make_shared<SweepRequest>();
  app.add_option("--grid", request->grid,
                 "a setting and its values, such as lr=1e-5,1e-4 or model.dropout=0,0.1; given "
                 "several times, every combination is run")
      ->type_name("TEXT")
      ->allow_extra_args(false)
      ->required();
  app.add_flag("--retry", request->retry, "try runs again that have failed");
  request->train = add_train_options(app);
  app.get_option("--out")->description(
      "folder of the sweep, with a run folder for each: new, empty, or that of the same sweep");
  return [request](Context& context) {
    prepare_training_device(context.global);
    Sweep sweep(context, *request, run_config(*request, context));
    *request->train->flags.dry_run ? sweep.plan() : sweep.run();
  };
}

const Registered<Verb> kSweep("sweep", {"train with each combination of some settings, and compare",
                                        declare});

}  // namespace
}  // namespace mezzotint::cli
