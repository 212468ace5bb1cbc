#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/training/prepared_run.h"
#include "mezzotint/training/run_grid.h"

namespace mezzotint::cli {

/// A run of a sweep before it begins or goes on.
struct PlannedRun {
  GridPoint point;
  std::string status;                   ///< SweepFolder::Outcome's
  int64_t updates = 0;                  ///< that are still to do; 0: none
  std::optional<RunForecast> forecast;  ///< of these; nothing when it can't be said
};

/// What --dry-run of a sweep says.
struct SweepPlan {
  std::vector<GridAxis> axes;
  std::vector<PlannedRun> runs;  ///< in the grid's order
};

/// A line for each run: settings, updates, time, memory, status.
std::string plan_table(const SweepPlan& plan, const std::filesystem::path& folder);
/// "forecast: about 1:12:40 in all, until 14:05, and 340 MB"; "" when nothing can be said.
std::string plan_total_in_words(const SweepPlan& plan);
/// mezzotint/sweep-plan/1.
nlohmann::json plan_document(const SweepPlan& plan, const std::filesystem::path& folder);

}  // namespace mezzotint::cli
