#include "apps/cli/sweep_folder.h"

#include <algorithm>
#include <utility>

#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/training/run_settings.h"
#include "mezzotint/training/run_summary.h"

#include "apps/cli/resume_settings.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "mezzotint/sweep-folder/1";
constexpr const char* kFile = "sweep.json";

std::string text_of(const nlohmann::json& object, const char* key) {
  return object.is_object() && object.contains(key) && object.at(key).is_string()
             ? object.at(key).get<std::string>()
             : "";
}

/// "lr is 1e-05 there, 0.001 here"; "" where nothing differs but what may change on the way.
std::string difference(const Settings& there, const Settings& here) {
  std::vector<std::string> names = differing_settings({there, here});
  const nlohmann::json may_change = to_json(ResumeSettings{});
  std::erase_if(names, [&](const std::string& name) { return may_change.contains(name); });
  if (names.empty()) return "";
  const auto value = [&](const Settings& settings) {
    return settings.contains(names[0]) ? setting_text(settings.at(names[0])) : "not set";
  };
  return concat(names[0], " is ", value(there), " there, ", value(here), " here");
}

}  // namespace

SweepFolder::SweepFolder(fs::path folder, const std::vector<GridAxis>& axes, const RunConfig& base)
    : folder_(std::move(folder)), axes_(nlohmann::json::array()) {
  Settings settings = run_settings(to_json(base));
  for (const GridAxis& axis : axes) {
    axes_.push_back(axis.name);
    settings.erase(axis.name);
  }
  settings_ = settings;
  if (fs::exists(folder_ / kFile))
    read();
  else if (fs::exists(folder_) && !(fs::is_directory(folder_) && fs::is_empty(folder_)))
    fail_usage(folder_.string(),
               ": exists and is neither a sweep nor an empty folder; give another folder");
}

void SweepFolder::read() {
  lock_.emplace(folder_);
  const nlohmann::json document = read_json(folder_ / kFile);
  const auto has_object = [&](const char* key) {
    return document.contains(key) && document.at(key).is_object();
  };
  if (text_of(document, "schema") != kSchema || !document.contains("axes") ||
      !has_object("settings") || !has_object("runs"))
    fail_damaged();
  if (document.at("axes") != axes_)
    fail_usage(folder_.string(), ": holds a sweep over ", setting_text(document.at("axes")),
               "; give another folder");
  const std::string other = difference(document.at("settings").get<Settings>(), settings_);
  if (!other.empty())
    fail_usage(folder_.string(), ": holds a sweep with other settings (", other,
               "); give another folder");
  for (const auto& [name, run] : document.at("runs").items()) read_run(name, run);
}

void SweepFolder::read_run(const std::string& name, const nlohmann::json& run) {
  const bool below = !name.empty() && fs::path(name).filename() == name && name != "..";
  if (!below || !run.is_object() || !run.contains("values") || !run.at("values").is_array() ||
      run.at("values").size() != axes_.size())
    fail_damaged();
  Outcome outcome{text_of(run, "status"), text_of(run, "error")};
  if (outcome.status == "running") outcome.status = "stopped";  // killed: the lock is ours
  if (outcome.status == "done" && !is_run_folder(folder_ / name)) outcome.status = "gone";
  runs_[name] = {run.at("values").get<std::vector<nlohmann::json>>(), std::move(outcome)};
}

void SweepFolder::fail_damaged() const {
  fail((folder_ / kFile).string(), ": is damaged, or of another version; give another folder");
}

SweepFolder::Outcome SweepFolder::outcome(const GridPoint& point) const {
  const auto found = runs_.find(point.name);
  return found == runs_.end() ? Outcome() : found->second.outcome;
}

std::vector<GridPoint> SweepFolder::others(const std::vector<GridPoint>& points) const {
  std::vector<GridPoint> found;
  for (const auto& [name, run] : runs_) {
    const bool in_grid = std::ranges::any_of(
        points, [&, &name = name](const GridPoint& point) { return point.name == name; });
    if (!in_grid && is_run_folder(folder_ / name)) found.push_back({name, run.values, {}});
  }
  std::ranges::sort(found,
                    [](const GridPoint& a, const GridPoint& b) { return a.values < b.values; });
  return found;
}

void SweepFolder::set(const GridPoint& point, const Outcome& outcome) {
  runs_[point.name] = {point.values, outcome};
  nlohmann::json runs = nlohmann::json::object();
  for (const auto& [name, run] : runs_)
    runs[name] = {
        {"values", run.values}, {"status", run.outcome.status}, {"error", run.outcome.error}};
  std::error_code error;
  fs::create_directories(folder_, error);
  MEZZO_CHECK(!error, folder_.string(), ": can't be made: ", error.message());
  if (!lock_) lock_.emplace(folder_);
  write_json(folder_ / kFile,
             {{"schema", kSchema}, {"axes", axes_}, {"settings", settings_}, {"runs", runs}});
}

}  // namespace mezzotint::cli
