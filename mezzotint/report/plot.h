#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mezzotint {

/// One line of a plot; x and y have equal lengths; NaN breaks the line.
struct Series {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  bool faint = false;  ///< drawn thin and pale: raw values behind a smoothed curve
};

struct Plot {
  std::string title;
  std::string x_label;
  std::string y_label;
  bool log_x = false;
  bool log_y = false;
  int width = 800;
  int height = 480;
  std::vector<Series> series;
};

/// Draws with axes, ticks, grid and legend. Cairo does both forms.
std::string render_svg(const Plot& plot);
std::string render_png(const Plot& plot);
/// By the ending of `path`: .svg or .png. @throws Error for another ending.
void write_plot(const std::filesystem::path& path, const Plot& plot);

/// Exponential moving average of y with the bias of the start taken out; `weight` of the past in [0, 1).
std::vector<double> smoothed(const std::vector<double>& y, double weight);

}  // namespace mezzotint
