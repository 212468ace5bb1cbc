#include "apps/cli/run_cells.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/training/run_settings.h"

#include "apps/cli/progress.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

/// "runs/first" of "/home/me/runs/first/model", "emoji-32" of "/usr/share/models/emoji-32".
std::string model_name(const fs::path& model) {
  const fs::path folder = model.has_filename() ? model : model.parent_path();
  return folder.filename() == "model" ? folder.parent_path().filename().string()
                                      : folder.filename().string();
}

}  // namespace

std::string number_cell(const std::optional<double>& number) {
  if (!number) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", *number);
  return text;
}

std::string updates_cell(const RunEntry& entry) {
  if (!entry.planned || *entry.planned == entry.updates) return std::to_string(entry.updates);
  return concat(entry.updates, "/", *entry.planned);
}

std::string time_cell(const RunEntry& entry) {
  return entry.seconds > 0 ? duration_text(entry.seconds) : "-";
}

bool run_is_gone(const RunEntry& entry) {
  std::error_code none;
  return !fs::is_directory(entry.folder, none);
}

std::string status_cell(const RunEntry& entry) {
  return run_status(entry) + (run_is_gone(entry) ? " (gone)" : "");
}

std::string recipe_cell(const RunEntry& entry) {
  if (entry.init.empty()) return entry.recipe;
  return (entry.recipe == "diffusion" ? "" : entry.recipe + " ") + "from " + model_name(entry.init);
}

std::string setting_cell(const RunEntry& entry, const std::string& name) {
  const Settings settings = run_settings(entry.config);
  const auto found = settings.find(name);
  return found == settings.end() ? "-" : setting_text(found->second);
}

std::string path_cell(const std::string& path) {
  std::error_code none;
  const std::string here = fs::current_path(none).string() + "/";
  if (path.starts_with(here)) return path.substr(here.size());
  const char* const home = std::getenv("HOME");
  const std::string above = home ? std::string(home) + "/" : "/";
  return above != "/" && path.starts_with(above) ? "~/" + path.substr(above.size()) : path;
}

std::string age_cell(double since) {
  const double seconds = std::max(0.0, now_seconds() - since);
  if (seconds < 60) return concat(std::lround(seconds), " s");
  if (seconds < 3600) return concat(std::lround(seconds / 60), " min");
  if (seconds < 48 * 3600) return concat(std::lround(seconds / 3600), " h");
  return concat(std::lround(seconds / 86400), " d");
}

std::string date_cell(double seconds_since_1970) {
  const auto time = static_cast<std::time_t>(seconds_since_1970);
  std::tm parts{};
  char text[32] = "-";
  if (localtime_r(&time, &parts)) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
  return text;
}

nlohmann::json run_document(const RunEntry& entry) {
  nlohmann::json document = to_json(entry);
  document["status"] = run_status(entry);
  document["gone"] = run_is_gone(entry);
  document.erase("process");
  return document;
}

}  // namespace mezzotint::cli
