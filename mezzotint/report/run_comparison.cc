#include "mezzotint/report/run_comparison.h"

#include <algorithm>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/report/sample_grids.h"
#include "mezzotint/training/record_files.h"

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

Series validation(const std::vector<Record>& records, CurveAxis axis) {
  Series average = record_series(records, "validation_loss_ema", "", axis);
  return average.x.empty() ? record_series(records, "validation_loss", "", axis) : average;
}

}  // namespace

Plot comparison_plot(const std::vector<ComparedRun>& runs, CurveAxis axis) {
  Plot plot;
  bool validated = false;
  int curves = 0;
  for (const ComparedRun& run : runs) {
    const fs::path file = run.folder / "metrics.jsonl";
    std::error_code none;
    if (!fs::exists(file, none) || curves == static_cast<int>(kMostComparedCurves)) continue;
    const std::vector<Record> records = read_records(file);
    Series loss = thinned(smoothed_series(record_series(records, "loss", run.name, axis)));
    if (loss.x.empty()) continue;
    ++curves;
    plot.series.push_back(std::move(loss));
    Series held_out = validation(records, axis);
    if (held_out.x.empty()) continue;
    held_out.companion = validated = true;
    plot.series.push_back(std::move(held_out));
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
    if (const auto grids = sample_grids(run.folder); !grids.empty())
      samples.pictures.push_back({read_file(grids.back().second),
                                  concat(run.name, ", after update ", grids.back().first)});
  std::vector<ReportSection> sections = {std::move(loss)};
  if (!samples.pictures.empty()) sections.push_back(std::move(samples));
  return sections;
}

}  // namespace mezzotint
