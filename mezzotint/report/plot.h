#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mezzotint {

/// One line of a plot; x and y have equal lengths. What can't be drawn (NaN, infinity, zero and
/// less on a logarithmic axis) breaks the line; a point without neighbours is a dot.
struct Series {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  /// Drawn thin and pale: raw values behind a smoothed curve, in the colour of the next series that
  /// isn't faint.
  bool faint = false;
  /// Series that have an order: 0 for the palest to 1 for the darkest of one blue. Empty: a colour
  /// of its own.
  std::optional<double> shade = std::nullopt;
  /// Drawn dotted in the colour of the series before it, whose counterpart it is.
  bool companion = false;
};

struct Plot {
  std::string title;
  std::string x_label;
  std::string y_label;
  bool log_x = false;
  bool log_y = false;
  int width = 800;  ///< in CSS pixels; a PNG has two pixels for each
  int height = 480;
  std::vector<Series> series;
};

/// Draws with axes, ticks, grid and legend; both forms come from the same drawing code, and the
/// same plot gives the same bytes. Series without anything to draw leave an empty frame. The
/// identifiers in an SVG are the plot's own, so that several can stand in one HTML page. @throws
/// Error when x and y of a series differ in length, or the size is absurd.
std::string render_svg(const Plot& plot);
std::string render_png(const Plot& plot);
/// By the ending of `path`: .svg or .png; the file is replaced in one step. @throws Error for
/// another ending.
void write_plot(const std::filesystem::path& path, const Plot& plot);

/// Exponential moving average of y with the bias of the start taken out, as Adam does it; `weight`
/// of the past in [0, 1). NaN and infinity are passed over: the average keeps its value there.
std::vector<double> smoothed(const std::vector<double>& y, double weight);

}  // namespace mezzotint
