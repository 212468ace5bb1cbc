#pragma once

#include <ostream>

#include "mezzotint/report/html.h"

namespace mezzotint {

/// Whether a page needs the script of html_script.h.
bool needs_script(const Report& report);

/// The elements of the head that say what the page may do: its policy, and how it refreshes itself
/// where scripts are switched off.
void write_policy(std::ostream& out, const Report& report);

void write_state(std::ostream& out, const ReportState& state);
void write_timeline(std::ostream& out, const ReportTimeline& timeline);
void write_links(std::ostream& out, const std::vector<ReportLink>& links);

/// "12:03:04", or with the day where that isn't today: "3 May 12:03:04"; in the time of the
/// machine.
std::string clock_time(int64_t seconds_since_1970);

}  // namespace mezzotint
