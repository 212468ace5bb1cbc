#include "mezzotint/report/trace_series.h"

#include <algorithm>

namespace mezzotint {
namespace {

double place_of(const Trace::Point& point, CurveAxis axis) {
  if (axis == CurveAxis::kImages) return point.images;
  return axis == CurveAxis::kUpdates ? point.update : point.micro_batch;
}

/// The weight of the past in a smoothed line.
double smoothing(const Trace& trace) {
  const auto count = static_cast<double>(trace.count());
  const double memory = std::max(std::clamp(count / 20, 1.0, 100.0), count / 100);
  return std::max(0.0, 1 - static_cast<double>(trace.width()) / memory);
}

}  // namespace

Series trace_series(const Trace& trace, const std::string& name, CurveAxis axis) {
  Series series{.name = name};
  for (const Trace::Point& point : trace.points()) {
    series.x.push_back(place_of(point, axis));
    series.y.push_back(point.value);
  }
  return series;
}

Series smoothed_series(const Trace& trace, const std::string& name, CurveAxis axis) {
  Series series = trace_series(trace, name, axis);
  series.y = smoothed(series.y, smoothing(trace));
  return series;
}

}  // namespace mezzotint
