#include "apps/cli/sweep_plan.h"

#include <algorithm>
#include <cmath>

#include "mezzotint/base/error.h"
#include "mezzotint/training/run_settings.h"

#include "apps/cli/progress.h"
#include "apps/cli/run_cells.h"
#include "apps/cli/sweep_result.h"
#include "apps/cli/text_table.h"
#include "apps/cli/training_plan.h"

namespace mezzotint::cli {
namespace {

std::string megabytes(double bytes) { return concat(std::llround(bytes / 1e6), " MB"); }

/// All runs after one another: times add up, and the largest takes the memory. Nothing unless each
/// run that has something to do has a forecast.
std::optional<RunForecast> total(const SweepPlan& plan) {
  RunForecast sum;
  for (const PlannedRun& run : plan.runs) {
    if (run.updates == 0) continue;
    if (!run.forecast) return std::nullopt;
    sum.seconds += run.forecast->seconds;
    sum.peak_bytes = std::max(sum.peak_bytes, run.forecast->peak_bytes);
  }
  return sum.seconds > 0 ? std::optional(sum) : std::nullopt;
}

}  // namespace

std::string plan_table(const SweepPlan& plan, const std::filesystem::path& folder) {
  TextTable table;
  for (const GridAxis& axis : plan.axes) table.columns.push_back({axis.name, true});
  for (const char* title : {"updates", "an update", "time", "memory"})
    table.columns.push_back({title, true});
  table.columns.push_back({"status"});
  table.columns.push_back({"folder"});
  for (const PlannedRun& run : plan.runs) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (const nlohmann::json& value : run.point.values) cells.push_back(setting_text(value));
    const auto& forecast = run.forecast;
    for (const std::string& cell :
         {std::to_string(run.updates), forecast ? update_time_text(*forecast) : "-",
          forecast ? duration_text(forecast->seconds) : "-",
          forecast ? megabytes(forecast->peak_bytes) : "-", run.status,
          path_cell((folder / run.point.name).string())})
      cells.push_back(cell);
  }
  return table.text();
}

std::string plan_total_in_words(const SweepPlan& plan) {
  const auto all = total(plan);
  if (!all) return "";
  return concat("forecast: ", duration_in_words(all->seconds), ", and ",
                megabytes(all->peak_bytes));
}

nlohmann::json plan_document(const SweepPlan& plan, const std::filesystem::path& folder) {
  const auto all = total(plan);
  nlohmann::json document = {
      {"schema", "mezzotint/sweep-plan/1"},
      {"folder", folder.string()},
      {"seconds", all ? nlohmann::json(all->seconds) : nlohmann::json()},
      {"peak_memory_mb", all ? nlohmann::json(all->peak_bytes / 1e6) : nlohmann::json()},
      {"runs", nlohmann::json::array()}};
  for (const PlannedRun& run : plan.runs)
    document["runs"].push_back({{"name", run.point.name},
                                {"settings", grid_settings(plan.axes, run.point)},
                                {"status", run.status},
                                {"updates", run.updates},
                                {"forecast", forecast_as_json(run.forecast)}});
  return document;
}

}  // namespace mezzotint::cli
