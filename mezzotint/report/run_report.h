#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mezzotint/report/html.h"
#include "mezzotint/report/run_history.h"
#include "mezzotint/report/run_session.h"
#include "mezzotint/training/run_config.h"

namespace mezzotint {

/// What a page of a run is made from, besides the pictures in its folder.
struct RunView {
  RunConfig config;
  RunHistory history;
  std::optional<RunSession> session;
  std::string film_strip;  ///< the PNG; empty when there are too few grids for one
};

/// Reads a run folder (training/run.h) for its page: config.json, metrics.jsonl, session.json, and
/// the sample grids for the strip. Lines of metrics.jsonl that are no records are passed over.
/// @throws Error (kFailed) when `run` is no run folder, and naming the file that is damaged.
RunView read_run_view(const std::filesystem::path& run);

/// The PNG of film_strip() of the run's grids; empty when there are too few.
std::string film_strip_png(const std::filesystem::path& run, const RunView& view);

/// What there is to see of a training run, finished or not: the timeline of samples, pictures
/// before and after, curves, the recipe, commands to go on, what it ran on, the files. Parts that
/// the run has not written yet are left out. Pictures take about 8 MB of a page at most: of many
/// grids some are shown, evenly chosen.
std::vector<ReportSection> run_sections(const std::filesystem::path& run, const RunView& view);
std::vector<ReportSection> run_sections(const std::filesystem::path& run);

/// run_sections() as a report of its own, with a line that says how the run stands.
/// @param refresh_s the page loads itself anew every so many seconds; 0: never.
Report run_report(const std::filesystem::path& run, const RunView& view, int refresh_s = 0);
Report run_report(const std::filesystem::path& run);

/// Writes samples/timeline.png, the strip, and samples/timeline.webp, the grids one after another.
/// Nothing where there are too few grids. @throws Error naming the file.
void write_film_strip(const std::filesystem::path& run, const RunView& view);
void write_timeline_animation(const std::filesystem::path& run, const RunView& view);

}  // namespace mezzotint
