#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/report/html.h"
#include "mezzotint/training/run_entry.h"
#include "mezzotint/training/run_grid.h"

namespace mezzotint::cli {

/// One run of a sweep, and what came of it.
struct SweepRow {
  GridPoint point;
  std::string status;  ///< SweepFolder::Outcome's
  std::string error;
  RunEntry entry;  ///< of its folder; empty but for the folder when it hasn't begun
};

struct SweepResult {
  std::vector<GridAxis> axes;
  std::vector<SweepRow> rows;  ///< in the grid's order; those of earlier grids behind them
};

/// The settings of a run by the names of the axes.
nlohmann::json grid_settings(const std::vector<GridAxis>& axes, const GridPoint& point);

/// The table for a person; folders below `folder` without it.
std::string sweep_table(const SweepResult& result, const std::filesystem::path& folder);
/// The same with full numbers: RFC 4180, a line of names first.
std::string sweep_csv(const SweepResult& result);
/// mezzotint/sweep/1.
nlohmann::json sweep_document(const SweepResult& result, const std::filesystem::path& folder);
/// The table, the curves in one plot, and the last samples of each run.
Report sweep_page(const SweepResult& result, const std::filesystem::path& folder,
                  const std::string& command_line);

}  // namespace mezzotint::cli
