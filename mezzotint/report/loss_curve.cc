#include "mezzotint/report/loss_curve.h"

#include <algorithm>

#include "mezzotint/report/trace_series.h"

namespace mezzotint {
Plot loss_plot(const RunHistory& history) {
  Plot plot;
  plot.title = "Training loss";
  plot.x_label = "micro-batch";
  plot.y_label = "mean squared error";
  if (const Trace* loss = history.trace("loss")) {
    Series raw = trace_series(*loss, "loss", CurveAxis::kMicroBatches);
    raw.faint = true;
    Series smooth = smoothed_series(*loss, "smoothed", CurveAxis::kMicroBatches);
    plot.log_y = std::ranges::all_of(raw.y, [](double y) { return y > 0; });
    plot.series = {std::move(raw), std::move(smooth)};
  }
  const Trace* epochs = history.trace("epoch_loss");
  if (epochs && epochs->count() > 1)
    plot.series.push_back(trace_series(*epochs, "epoch mean", CurveAxis::kMicroBatches));
  return plot;
}

}  // namespace mezzotint
