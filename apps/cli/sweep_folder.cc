#include "apps/cli/sweep_folder.h"

#include <utility>

#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/training/run_settings.h"

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

/// "lr is 1e-05 there, 0.001 here".
std::string difference(const Settings& there, const Settings& here) {
  const std::vector<std::string> names = differing_settings({there, here});
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
  const fs::path file = folder_ / kFile;
  const nlohmann::json document = read_json(file);
  const auto has_object = [&](const char* key) {
    return document.contains(key) && document.at(key).is_object();
  };
  if (text_of(document, "schema") != kSchema || !document.contains("axes") ||
      !has_object("settings") || !has_object("runs"))
    fail(file.string(), ": is damaged, or of another version; give another folder");
  if (document.at("axes") != axes_)
    fail_usage(folder_.string(), ": holds a sweep over ", setting_text(document.at("axes")),
               "; give another folder");
  const std::string other = difference(document.at("settings").get<Settings>(), settings_);
  if (!other.empty())
    fail_usage(folder_.string(), ": holds a sweep with other settings (", other,
               "); give another folder");
  for (const auto& [name, outcome] : document.at("runs").items())
    outcomes_[name] = {text_of(outcome, "status"), text_of(outcome, "error")};
}

SweepFolder::Outcome SweepFolder::outcome(const GridPoint& point) const {
  const auto found = outcomes_.find(point.name);
  return found == outcomes_.end() ? Outcome() : found->second;
}

void SweepFolder::set(const GridPoint& point, const Outcome& outcome) {
  outcomes_[point.name] = outcome;
  nlohmann::json runs = nlohmann::json::object();
  for (const auto& [name, each] : outcomes_)
    runs[name] = {{"status", each.status}, {"error", each.error}};
  std::error_code error;
  fs::create_directories(folder_, error);
  MEZZO_CHECK(!error, folder_.string(), ": can't be made: ", error.message());
  if (!lock_) lock_.emplace(folder_);
  write_json(folder_ / kFile,
             {{"schema", kSchema}, {"axes", axes_}, {"settings", settings_}, {"runs", runs}});
}

}  // namespace mezzotint::cli
