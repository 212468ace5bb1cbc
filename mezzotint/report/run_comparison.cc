#include "mezzotint/report/run_comparison.h"

#include <algorithm>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/report/sample_grids.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

constexpr int kPlotHeight = 480;
constexpr int kLegendRow = 19;
constexpr int kNamesInRow = 3;

bool can_be_logarithmic(const std::vector<Series>& all) {
  return std::ranges::all_of(all, [](const Series& series) {
    return std::ranges::all_of(series.y, [](double y) { return !(y <= 0); });
  });
}

/// That of the average, where there is one.
const Trace* validation(const RunHistory& history) {
  const Trace* const average = history.trace("validation_loss_ema");
  return average ? average : history.trace("validation_loss");
}

RunHistory history_of(const fs::path& run) {
  RunHistory history;
  history.read(run / "metrics.jsonl");
  return history;
}

}  // namespace

Plot comparison_plot(const std::vector<ComparedRun>& runs, CurveAxis axis) {
  Plot plot;
  bool validated = false;
  int curves = 0;
  for (const ComparedRun& run : runs) {
    if (curves == static_cast<int>(kMostComparedCurves)) break;
    const RunHistory history = history_of(run.folder);
    const Trace* const loss = history.trace("loss");
    if (!loss) continue;
    ++curves;
    plot.series.push_back(smoothed_series(*loss, run.name, axis));
    const Trace* const held_out = validation(history);
    if (!held_out) continue;
    plot.series.push_back(trace_series(*held_out, "", axis));
    plot.series.back().companion = validated = true;
  }
  plot.title = validated ? "Loss, smoothed; dotted: validation loss" : "Loss, smoothed";
  plot.x_label = axis == CurveAxis::kImages    ? "images"
                 : axis == CurveAxis::kUpdates ? "update"
                                               : "micro-batch";
  plot.y_label = "loss";
  plot.log_y = !plot.series.empty() && can_be_logarithmic(plot.series);
  plot.height = kPlotHeight + kLegendRow * (curves / kNamesInRow);
  return plot;
}

std::vector<ReportSection> comparison_sections(const std::vector<ComparedRun>& runs,
                                               CurveAxis axis) {
  ReportSection loss, samples;
  loss.title = "Loss";
  if (runs.size() > kMostComparedCurves)
    loss.paragraphs = {concat("Of the first ", kMostComparedCurves, " runs of the table.")};
  loss.pictures = {{render_svg(comparison_plot(runs, axis)), ""}};
  samples.title = "Samples";
  samples.paragraphs = {"The last sample grid of each run."};
  for (const ComparedRun& run : runs)
    if (const auto grids = sample_grids(run.folder, history_of(run.folder)); !grids.empty())
      samples.pictures.push_back(
          {read_file(grids.back().file), concat(run.name, ", after update ", grids.back().update)});
  std::vector<ReportSection> sections = {std::move(loss)};
  if (!samples.pictures.empty()) sections.push_back(std::move(samples));
  return sections;
}

}  // namespace mezzotint
