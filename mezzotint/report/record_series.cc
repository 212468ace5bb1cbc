#include "mezzotint/report/record_series.h"

#include <algorithm>

namespace mezzotint {
namespace {

constexpr size_t kDrawnPoints = 2000;
constexpr double kMemory = 100;

double place_of(const Position& at, CurveAxis axis) {
  if (axis == CurveAxis::kImages) return static_cast<double>(at.images);
  return static_cast<double>(axis == CurveAxis::kUpdates ? at.update : at.micro_batch);
}

/// One point for each x, the mean of those that share it.
Series merged(const Series& full) {
  Series one = full;
  one.x.clear();
  one.y.clear();
  for (size_t begin = 0, end = 0; begin < full.x.size(); begin = end) {
    double sum = 0;
    for (; end < full.x.size() && full.x[end] == full.x[begin]; ++end) sum += full.y[end];
    one.x.push_back(full.x[begin]);
    one.y.push_back(sum / static_cast<double>(end - begin));
  }
  return one;
}

}  // namespace

Series record_series(const std::vector<Record>& records, const std::string& record_name,
                     const std::string& label, CurveAxis axis) {
  Series series;
  series.name = label;
  for (const Record& record : records) {
    if (record.name != record_name || !record.number()) continue;
    series.x.push_back(place_of(record.at, axis));
    series.y.push_back(*record.number());
  }
  return axis == CurveAxis::kUpdates ? merged(series) : series;
}

Series smoothed_series(Series series) {
  const double memory = std::clamp(static_cast<double>(series.y.size()) / 20, 1.0, kMemory);
  series.y = smoothed(series.y, 1 - 1 / memory);
  return series;
}

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

}  // namespace mezzotint
