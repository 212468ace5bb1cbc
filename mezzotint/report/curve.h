#pragma once

#include <vector>

#include "mezzotint/report/axis.h"
#include "mezzotint/report/canvas.h"
#include "mezzotint/report/plot.h"

namespace mezzotint {

/// The rectangle inside the axes, in pixels.
struct Frame {
  double left, top, right, bottom;
  double width() const { return right - left; }
  double height() const { return bottom - top; }
};

/// Where values stand in a frame.
struct Scale {
  Axis x, y;
  Frame frame;
  Point at(double x_value, double y_value) const {
    return {frame.left + x.place(x_value) * frame.width(),
            frame.bottom - y.place(y_value) * frame.height()};
  }
};

/// The unbroken stretches of a series as pixel positions. Where many points share a column of
/// pixels, only those that can be seen are kept: the first, the lowest, the highest and the last.
std::vector<std::vector<Point>> curve(const Series& series, const Scale& scale);

}  // namespace mezzotint
