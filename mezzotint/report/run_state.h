#pragma once

#include "mezzotint/report/html.h"
#include "mezzotint/report/run_report.h"

namespace mezzotint {

/// How a run stands, in a line. Without a session.json (an older run) it is told by the files.
ReportState run_state(const std::filesystem::path& run, const RunView& view, int refresh_s);

/// Sections of what isn't pictures. Nothing where there is nothing to say.
std::optional<ReportSection> events_section(const RunHistory& history);
ReportSection recipe_section(const RunConfig& config);
ReportSection going_on_section(const std::filesystem::path& run, const RunView& view);
std::optional<ReportSection> environment_section(const RunView& view);
ReportSection files_section(const std::filesystem::path& run);

}  // namespace mezzotint
