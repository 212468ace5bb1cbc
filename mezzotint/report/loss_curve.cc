#include "mezzotint/report/loss_curve.h"

#include <algorithm>

#include "mezzotint/report/record_series.h"
#include "mezzotint/training/record_files.h"

namespace mezzotint {

Plot loss_plot(const std::vector<Record>& records) {
  Series raw = record_series(records, "loss", "loss");
  Series smooth = smoothed_series(raw);
  smooth.name = "smoothed";
  raw.faint = true;
  Plot plot;
  plot.title = "Training loss";
  plot.x_label = "micro-batch";
  plot.y_label = "mean squared error";
  plot.log_y = !raw.y.empty() && std::ranges::all_of(raw.y, [](double y) { return y > 0; });
  plot.series = {thinned(raw), thinned(smooth)};
  if (Series epochs = record_series(records, "epoch_loss", "epoch mean"); epochs.x.size() > 1)
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
