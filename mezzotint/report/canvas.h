#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mezzotint {

struct Color {
  double red, green, blue;  ///< each 0 to 1
  double alpha = 1;
};

struct Point {
  double x, y;
};

struct LineStyle {
  Color color{0, 0, 0};
  double width = 1;
  std::vector<double> dashes;  ///< lengths of dash, gap, dash, ...; empty: unbroken
};

struct TextStyle {
  double size = 12;
  bool bold = false;
  Color color{0, 0, 0};
  double align = 0;     ///< 0: begins at the point, 0.5: centred on it, 1: ends there
  bool upward = false;  ///< turned by 90 degrees, reading upwards
};

/// A sheet to draw on, in pixels from the upper left corner. One drawing function gives either
/// form.
class Canvas {
 public:
  using Draw = std::function<void(Canvas&)>;
  /// Text becomes outlines, so that the picture doesn't depend on the reader's fonts.
  static std::string svg(int width, int height, const Draw& draw);
  /// @param scale pixels of the picture for each unit of the drawing.
  static std::string png(int width, int height, double scale, const Draw& draw);

  void fill_rectangle(Point corner, double width, double height, const Color& color);
  void line(const std::vector<Point>& points, const LineStyle& style);
  void dot(Point center, double radius, const Color& color);
  /// `baseline` is where the letters stand.
  void text(Point baseline, const std::string& text, const TextStyle& style);
  double text_width(const std::string& text, const TextStyle& style);

 private:
  struct Context;
  explicit Canvas(Context& context) : context_(context) {}
  Context& context_;
};

}  // namespace mezzotint
