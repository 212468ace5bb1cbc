// `mezzotint sweep --grid lr=1e-5,1e-4 --grid batch_size=4,8 ...`: a run of `train` for each point
// of a grid, one after the other, and a table of what came of them.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/files.h"
#include "mezzotint/training/run_summary.h"

#include "apps/cli/failure.h"
#include "apps/cli/options.h"
#include "apps/cli/sweep_folder.h"
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

class Sweep {
 public:
  Sweep(Context& context, const SweepRequest& request)
      : context_(context),
        request_(request),
        base_(with_absolute_data(train_config(*request.train, context))),
        axes_(axes_of(request.grid, base_.recipe)),
        points_(grid_points(axes_)),
        folder_(*request.train->flags.folder, axes_, base_) {
    if (*request.train->flags.dry_run)
      fail_usage("--dry-run: a sweep has none yet; ask `mezzotint train --dry-run` about one run");
  }

  void run() {
    const std::vector<size_t> waiting = still_to_do();
    try_settings(waiting);
    for (const size_t i : waiting) run_point(i);
    write_result();
    print_result();
    report_failures();
  }

 private:
  /// The command may be repeated from another folder.
  static RunConfig with_absolute_data(RunConfig config) {
    std::error_code none;
    if (fs::exists(config.data, none)) config.data = folder_key(config.data);
    return config;
  }
  static std::vector<GridAxis> axes_of(const std::vector<std::string>& grid,
                                       const std::string& recipe) {
    std::vector<GridAxis> axes;
    for (const std::string& axis : grid) axes.push_back(parse_grid_axis(axis, recipe));
    return axes;
  }
  RunConfig config_of(const GridPoint& point) const {
    return with_absolute_data(train_config(*request_.train, context_, point.settings));
  }

  std::vector<size_t> still_to_do() const;
  void try_settings(const std::vector<size_t>& waiting) const;
  void run_point(size_t index);
  [[noreturn]] void stop(size_t index);
  SweepResult result() const;
  void write_result() const;
  void print_result() const;
  void report_failures() const;

  Context& context_;
  const SweepRequest& request_;
  RunConfig base_;
  std::vector<GridAxis> axes_;
  std::vector<GridPoint> points_;
  SweepFolder folder_;
};

std::vector<size_t> Sweep::still_to_do() const {
  std::vector<size_t> waiting;
  for (size_t i = 0; i < points_.size(); ++i) {
    const std::string status = folder_.outcome(points_[i]).status;
    if (status == "done" || (status == "failed" && !request_.retry)) continue;
    waiting.push_back(i);
  }
  const size_t kept = points_.size() - waiting.size();
  context_.console.say(concat(counted(points_.size(), "run"),
                              kept > 0 ? concat(", of which ", kept, " were made before") : ""));
  return waiting;
}

/// Refuses what can't be trained before anything is written: all settings are read, and a run is
/// prepared for each that differs by more than the recipe.
void Sweep::try_settings(const std::vector<size_t>& waiting) const {
  std::set<std::string> tried;
  for (const size_t i : waiting) {
    const RunConfig config = config_of(points_[i]);
    validate(config.training);
    nlohmann::json others = points_[i].settings;
    others.erase("training");
    if (!tried.insert(others.dump()).second) continue;
    context_.cancel.check();
    prepare_run(config)->try_data();
  }
}

void Sweep::run_point(size_t index) {
  const GridPoint& point = points_[index];
  if (context_.cancel.cancelled()) stop(index);
  const fs::path run = folder_.run(point);
  const bool begun = fs::exists(run / "config.json");
  context_.console.say(concat("run ", index + 1, " of ", points_.size(), ": ", point.name,
                              begun ? ", going on" : ""));
  folder_.set(point, {"running", ""});
  const auto work = [&](const RunHooks& hooks) {
    return begun ? resume_run(run, hooks) : start_run(config_of(point), run, hooks);
  };
  try {
    watched(context_, "training", run, work, Told::kBriefly);
    folder_.set(point, {"done", ""});
  } catch (...) {
    const Failure failure = describe_failure();
    if (context_.cancel.cancelled()) stop(index);
    folder_.set(point, {"failed", failure.message});
    context_.console.warn(concat(point.name, ": ", failure.message));
  }
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

SweepResult Sweep::result() const {
  SweepResult result{axes_, {}};
  for (const GridPoint& point : points_) {
    const SweepFolder::Outcome outcome = folder_.outcome(point);
    const fs::path run = folder_.run(point);
    SweepRow row{point, outcome.status, outcome.error, {}};
    if (is_run_folder(run)) row.entry = summarize_run(run);
    row.entry.folder = folder_key(run);
    result.rows.push_back(std::move(row));
  }
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
    std::fputs(sweep_table(now, folder_.path()).c_str(), stdout);
  flush_stdout();  // before what is said to stderr
  if (const SweepRow* const best = best_run(now))
    context_.console.say(concat(
        "lowest ", best->entry.validation_loss ? "validation loss: " : "loss: ", best->point.name));
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
    Sweep(context, *request).run();
  };
}

const Registered<Verb> kSweep("sweep", {"train with each combination of some settings, and compare",
                                        declare});

}  // namespace
}  // namespace mezzotint::cli
