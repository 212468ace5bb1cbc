#include "mezzotint/report/loss_curve.h"

#include <algorithm>

namespace mezzotint {
namespace {

/// The weight of the past in the smoothed curve. It forgets over this many micro-batches: a
/// twentieth of a short run, 100, a hundredth of a long one.
double smoothing(const Trace& trace) {
  const auto count = static_cast<double>(trace.count());
  const double memory = std::max(std::clamp(count / 20, 1.0, 100.0), count / 100);
  return std::max(0.0, 1 - static_cast<double>(trace.width()) / memory);
}

Series by_micro_batch(const Trace& trace, const std::string& name) {
  Series series{.name = name};
  for (const Trace::Point& point : trace.points()) {
    series.x.push_back(point.micro_batch);
    series.y.push_back(point.value);
  }
  return series;
}

}  // namespace

Plot loss_plot(const RunHistory& history) {
  Plot plot;
  plot.title = "Training loss";
  plot.x_label = "micro-batch";
  plot.y_label = "mean squared error";
  if (const Trace* loss = history.trace("loss")) {
    Series raw = by_micro_batch(*loss, "loss");
    raw.faint = true;
    Series smooth{.name = "smoothed", .x = raw.x, .y = smoothed(raw.y, smoothing(*loss))};
    plot.log_y = std::ranges::all_of(raw.y, [](double y) { return y > 0; });
    plot.series = {std::move(raw), std::move(smooth)};
  }
  const Trace* epochs = history.trace("epoch_loss");
  if (epochs && epochs->count() > 1) plot.series.push_back(by_micro_batch(*epochs, "epoch mean"));
  return plot;
}

}  // namespace mezzotint
