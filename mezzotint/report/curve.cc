#include "mezzotint/report/curve.h"

#include <algorithm>
#include <cmath>

namespace mezzotint {
namespace {

/// Appends what can be seen of points that share a column.
void add_visible(std::vector<Point>& kept, const std::vector<Point>& column) {
  if (column.size() <= 4) {
    kept.insert(kept.end(), column.begin(), column.end());
    return;
  }
  const auto higher = [](const Point& a, const Point& b) { return a.y < b.y; };
  const auto [top, bottom] = std::minmax_element(column.begin(), column.end(), higher);
  kept.push_back(column.front());
  kept.push_back(*std::min(top, bottom));
  kept.push_back(*std::max(top, bottom));
  kept.push_back(column.back());
}

std::vector<Point> thinned(const std::vector<Point>& points) {
  std::vector<Point> kept, column;
  double current = 0;
  for (const Point& point : points) {
    const double here = std::floor(point.x);
    if (!column.empty() && here != current) {
      add_visible(kept, column);
      column.clear();
    }
    current = here;
    column.push_back(point);
  }
  add_visible(kept, column);
  return kept;
}

}  // namespace

std::vector<std::vector<Point>> curve(const Series& series, const Scale& scale) {
  std::vector<std::vector<Point>> stretches;
  std::vector<Point> open;
  const auto close = [&] {
    if (!open.empty()) stretches.push_back(thinned(open));
    open.clear();
  };
  for (size_t i = 0; i < series.x.size(); ++i) {
    if (scale.x.shows(series.x[i]) && scale.y.shows(series.y[i]))
      open.push_back(scale.at(series.x[i], series.y[i]));
    else
      close();
  }
  close();
  return stretches;
}

}  // namespace mezzotint
