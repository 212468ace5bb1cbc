#pragma once

#include <filesystem>
#include <vector>

#include "mezzotint/report/html.h"

namespace mezzotint {

/// What there is to see of a training run, finished or not, from its folder (training/run.h):
/// pictures before and after, the loss curve, samples on the way, the recipe, commands to go on.
/// Parts that the run has not written yet are left out.
/// @throws Error (kUsage) when `run` is no run folder.
std::vector<ReportSection> run_sections(const std::filesystem::path& run);

/// run_sections() as a report of its own.
Report run_report(const std::filesystem::path& run);

}  // namespace mezzotint
