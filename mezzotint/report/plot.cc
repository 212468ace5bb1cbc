#include "mezzotint/report/plot.h"

#include <algorithm>
#include <cmath>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/report/axis.h"
#include "mezzotint/report/canvas.h"
#include "mezzotint/report/curve.h"
#include "mezzotint/report/legend.h"
#include "mezzotint/report/svg_identifiers.h"

namespace mezzotint {
namespace {

constexpr Color kPaper{1, 1, 1};
constexpr Color kInk{0.13, 0.15, 0.17};
constexpr Color kGrey{0.36, 0.39, 0.43};
constexpr Color kAxisLine{0.62, 0.65, 0.69};
constexpr Color kGrid{0.90, 0.91, 0.925};
constexpr Color kFaintGrid{0.95, 0.955, 0.965};
constexpr double kEdge = 16;
constexpr double kPngScale = 2;

const TextStyle kTitleText{15, true, kInk};
const TextStyle kTickText{11.5, false, kGrey};
const TextStyle kTickTextRight{11.5, false, kGrey, 1};
const TextStyle kTickTextCentred{11.5, false, kGrey, 0.5};
const TextStyle kXLabelText{12.5, false, kInk, 0.5};
const TextStyle kYLabelText{12.5, false, kInk, 0.5, true};

void check_plot(const Plot& plot) {
  MEZZO_CHECK(plot.width >= 160 && plot.height >= 120 && plot.width <= 8000 && plot.height <= 8000,
              "plot: size is ", plot.width, " x ", plot.height,
              ", wanted 160 x 120 to 8000 x 8000");
  for (const Series& series : plot.series)
    MEZZO_CHECK(series.x.size() == series.y.size(), "plot: series '", series.name, "' has ",
                series.x.size(), " x and ", series.y.size(), " y, wanted as many");
}

/// Axes around everything that can be drawn on both of them.
Scale make_scale(const Plot& plot, const Frame& frame) {
  const Axis x_kind{.log = plot.log_x}, y_kind{.log = plot.log_y};
  DataRange x, y;
  for (const Series& series : plot.series)
    for (size_t i = 0; i < series.x.size(); ++i)
      if (x_kind.shows(series.x[i]) && y_kind.shows(series.y[i])) {
        x.add(series.x[i]);
        y.add(series.y[i]);
      }
  const int across = std::clamp(static_cast<int>(frame.width() / 75), 2, 12);
  const int down = std::clamp(static_cast<int>(frame.height() / 45), 2, 10);
  return {make_axis(x, {plot.log_x, false, across}), make_axis(y, {plot.log_y, true, down}), frame};
}

/// The frame that titles, legend and labels leave.
Frame make_frame(Canvas& canvas, const Plot& plot, const Legend& legend) {
  Frame frame{kEdge, kEdge, plot.width - 1.5 * kEdge, plot.height - kEdge};
  if (!plot.title.empty()) frame.top += 22;
  frame.top += legend.height() + 9;
  frame.bottom -= plot.x_label.empty() ? 14 : 36;
  double widest = 0;
  for (const Tick& tick : make_scale(plot, frame).y.ticks)
    widest = std::max(widest, canvas.text_width(tick.label, kTickText));
  frame.left += widest + 8 + (plot.y_label.empty() ? 0 : 22);
  return frame;
}

/// A line one pixel wide lies on the middle of a pixel.
double crisp(double position) { return std::floor(position) + 0.5; }

void draw_grid(Canvas& canvas, const Scale& scale) {
  const Frame& frame = scale.frame;
  const auto vertical = [&](double value, const Color& color) {
    const double x = crisp(scale.at(value, scale.y.low).x);
    canvas.line({{x, frame.top}, {x, frame.bottom}}, {color, 1, {}});
  };
  const auto horizontal = [&](double value, const Color& color) {
    const double y = crisp(scale.at(scale.x.low, value).y);
    canvas.line({{frame.left, y}, {frame.right, y}}, {color, 1, {}});
  };
  for (const double value : scale.x.minor) vertical(value, kFaintGrid);
  for (const double value : scale.y.minor) horizontal(value, kFaintGrid);
  for (const Tick& tick : scale.x.ticks) vertical(tick.value, kGrid);
  for (const Tick& tick : scale.y.ticks) horizontal(tick.value, kGrid);
  canvas.line({{crisp(frame.left), frame.top},
               {crisp(frame.left), crisp(frame.bottom)},
               {frame.right, crisp(frame.bottom)}},
              {kAxisLine, 1, {}});
}

void draw_labels(Canvas& canvas, const Plot& plot, const Scale& scale) {
  const Frame& frame = scale.frame;
  for (const Tick& tick : scale.x.ticks)
    canvas.text({scale.at(tick.value, scale.y.low).x, frame.bottom + 17}, tick.label,
                kTickTextCentred);
  for (const Tick& tick : scale.y.ticks)
    canvas.text({frame.left - 8, scale.at(scale.x.low, tick.value).y + 4}, tick.label,
                kTickTextRight);
  if (!plot.title.empty())
    canvas.text({kEdge, kEdge + 13},
                shortened_text(canvas, plot.title, kTitleText, plot.width - 2 * kEdge), kTitleText);
  const double middle_x = (frame.left + frame.right) / 2;
  const double middle_y = (frame.top + frame.bottom) / 2;
  canvas.text({middle_x, frame.bottom + 40},
              shortened_text(canvas, plot.x_label, kXLabelText, frame.width()), kXLabelText);
  canvas.text({kEdge + 11, middle_y},
              shortened_text(canvas, plot.y_label, kYLabelText, frame.height()), kYLabelText);
}

void draw_series(Canvas& canvas, const Series& series, const SeriesLook& look, const Scale& scale) {
  for (const std::vector<Point>& stretch : curve(series, scale)) {
    if (stretch.size() > 1) canvas.line(stretch, look.line);
    if (stretch.size() == 1 || look.dots)
      for (const Point& point : stretch) canvas.dot(point, look.line.width + 1, look.line.color);
  }
}

void draw_plot(Canvas& canvas, const Plot& plot) {
  canvas.fill_rectangle({0, 0}, plot.width, plot.height, kPaper);
  const std::vector<SeriesLook> looks = looks_of(plot.series);
  const double legend_top = kEdge + (plot.title.empty() ? 0 : 22);
  const Legend legend(canvas, plot.series, kEdge, legend_top, plot.width - 2 * kEdge);
  const Scale scale = make_scale(plot, make_frame(canvas, plot, legend));
  draw_grid(canvas, scale);
  for (const bool faint : {true, false})  // raw values lie behind
    for (size_t i = 0; i < plot.series.size(); ++i)
      if (plot.series[i].faint == faint) draw_series(canvas, plot.series[i], looks[i], scale);
  draw_labels(canvas, plot, scale);
  legend.draw(canvas, looks);
}

}  // namespace

std::string render_svg(const Plot& plot) {
  check_plot(plot);
  return with_own_identifiers(
      Canvas::svg(plot.width, plot.height, [&](Canvas& canvas) { draw_plot(canvas, plot); }));
}

std::string render_png(const Plot& plot) {
  check_plot(plot);
  return Canvas::png(plot.width, plot.height, kPngScale,
                     [&](Canvas& canvas) { draw_plot(canvas, plot); });
}

void write_plot(const std::filesystem::path& path, const Plot& plot) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (ending == ".svg") return write_file_atomic(path, render_svg(plot));
  if (ending == ".png") return write_file_atomic(path, render_png(plot));
  fail_usage("plot: ", path.string(), " ends in '", ending, "', wanted .svg or .png");
}

}  // namespace mezzotint
