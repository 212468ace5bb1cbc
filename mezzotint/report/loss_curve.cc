#include "mezzotint/report/loss_curve.h"

#include <algorithm>

#include "mezzotint/training/record_files.h"

namespace mezzotint {
namespace {

constexpr size_t kDrawnPoints = 2000;
/// The smoothed curve forgets over this many micro-batches, or over a twentieth of a short run.
constexpr double kMemory = 100;

/// Means of equally many neighbours, so that at most kDrawnPoints remain.
Series thinned(const Series& full) {
  const size_t width = (full.x.size() + kDrawnPoints - 1) / kDrawnPoints;
  if (width <= 1) return full;
  Series thin = full;
  thin.x.clear();
  thin.y.clear();
  for (size_t begin = 0; begin < full.x.size(); begin += width) {
    const size_t end = std::min(begin + width, full.x.size());
    double x = 0, y = 0;
    for (size_t i = begin; i < end; ++i) x += full.x[i], y += full.y[i];
    thin.x.push_back(x / static_cast<double>(end - begin));
    thin.y.push_back(y / static_cast<double>(end - begin));
  }
  return thin;
}

Series series_of(const std::vector<Record>& records, const std::string& record_name,
                 const std::string& label) {
  Series series;
  series.name = label;
  for (const Record& record : records) {
    if (record.name != record_name || !record.number()) continue;
    series.x.push_back(static_cast<double>(record.at.micro_batch));
    series.y.push_back(*record.number());
  }
  return series;
}

}  // namespace

Plot loss_plot(const std::vector<Record>& records) {
  Series raw = series_of(records, "loss", "loss");
  raw.faint = true;
  Series smooth = raw;
  smooth.name = "smoothed";
  smooth.faint = false;
  smooth.y =
      smoothed(raw.y, 1 - 1 / std::clamp(static_cast<double>(raw.y.size()) / 20, 1.0, kMemory));
  Plot plot;
  plot.title = "Training loss";
  plot.x_label = "micro-batch";
  plot.y_label = "mean squared error";
  plot.log_y = !raw.y.empty() && std::ranges::all_of(raw.y, [](double y) { return y > 0; });
  plot.series = {thinned(raw), thinned(smooth)};
  if (Series epochs = series_of(records, "epoch_loss", "epoch mean"); epochs.x.size() > 1)
    plot.series.push_back(std::move(epochs));
  return plot;
}

void LossCurve::log(const Record& record) {
  const int64_t update = record.at.update;
  if (every_ == 0 || record.name != "loss" || update == drawn_ || update % every_ != 0) return;
  drawn_ = update;
  draw();
}

void LossCurve::draw() const {
  const std::vector<Record> records = read_records(folder_ / "metrics.jsonl");
  if (std::ranges::none_of(records, [](const Record& record) { return record.name == "loss"; }))
    return;
  const Plot plot = loss_plot(records);
  write_plot(folder_ / "loss.svg", plot);
  write_plot(folder_ / "loss.png", plot);
}

}  // namespace mezzotint
