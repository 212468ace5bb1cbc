#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mezzotint/report/html.h"
#include "mezzotint/report/trace_series.h"

namespace mezzotint {

struct ComparedRun {
  std::string name;              ///< as the legend and the captions call it
  std::filesystem::path folder;  ///< of the run (training/run.h); it may be gone
};

/// More curves can't be told apart.
constexpr size_t kMostComparedCurves = 14;

/// The smoothed losses of the runs, and dotted in the same colours their validation losses, of the
/// weights that are saved. Runs without records have no curve; of more than kMostComparedCurves the
/// first are drawn. @throws Error naming the file when records are damaged.
Plot comparison_plot(const std::vector<ComparedRun>& runs, CurveAxis axis);

/// Sections "Loss", with that plot, and "Samples", with the last grid of each run.
std::vector<ReportSection> comparison_sections(const std::vector<ComparedRun>& runs,
                                               CurveAxis axis);

}  // namespace mezzotint
