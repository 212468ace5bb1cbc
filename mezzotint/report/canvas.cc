#include "mezzotint/report/canvas.h"

#include <numbers>

#include <cairo-svg.h>
#include <cairo.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

struct SurfaceCloser {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct ContextCloser {
  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};
using Surface = std::unique_ptr<cairo_surface_t, SurfaceCloser>;

void check(cairo_status_t status) {
  MEZZO_CHECK(status == CAIRO_STATUS_SUCCESS, "plot: cairo: ", cairo_status_to_string(status));
}

cairo_status_t append(void* target, const unsigned char* data, unsigned int size) {
  static_cast<std::string*>(target)->append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

/// Letters keep their ideal widths, so that both forms are laid out alike.
void use_ideal_text(cairo_t* cairo) {
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(cairo, options);
  cairo_font_options_destroy(options);
}

void set_color(cairo_t* cairo, const Color& color) {
  cairo_set_source_rgba(cairo, color.red, color.green, color.blue, color.alpha);
}

void set_font(cairo_t* cairo, const TextStyle& style) {
  cairo_select_font_face(cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                         style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo, style.size);
}

}  // namespace

struct Canvas::Context {
  std::unique_ptr<cairo_t, ContextCloser> owned;
  cairo_t* cairo;

  explicit Context(cairo_surface_t* surface) : owned(cairo_create(surface)), cairo(owned.get()) {
    check(cairo_status(cairo));
    use_ideal_text(cairo);
  }
  void finish() { check(cairo_status(cairo)); }
};

std::string Canvas::svg(int width, int height, const Draw& draw) {
  std::string file;
  const Surface surface(cairo_svg_surface_create_for_stream(append, &file, width, height));
  check(cairo_surface_status(surface.get()));
  cairo_svg_surface_set_document_unit(surface.get(), CAIRO_SVG_UNIT_PX);
  {
    Context context(surface.get());
    Canvas canvas(context);
    draw(canvas);
    context.finish();
  }
  cairo_surface_finish(surface.get());
  check(cairo_surface_status(surface.get()));
  return file;
}

std::string Canvas::png(int width, int height, double scale, const Draw& draw) {
  const Surface surface(cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, static_cast<int>(width * scale), static_cast<int>(height * scale)));
  check(cairo_surface_status(surface.get()));
  Context context(surface.get());
  cairo_scale(context.cairo, scale, scale);
  Canvas canvas(context);
  draw(canvas);
  context.finish();
  std::string file;
  check(cairo_surface_write_to_png_stream(surface.get(), append, &file));
  return file;
}

void Canvas::fill_rectangle(Point corner, double width, double height, const Color& color) {
  set_color(context_.cairo, color);
  cairo_rectangle(context_.cairo, corner.x, corner.y, width, height);
  cairo_fill(context_.cairo);
}

void Canvas::line(const std::vector<Point>& points, const LineStyle& style) {
  cairo_t* cairo = context_.cairo;
  if (points.empty()) return;
  cairo_move_to(cairo, points[0].x, points[0].y);
  for (size_t i = 1; i < points.size(); ++i) cairo_line_to(cairo, points[i].x, points[i].y);
  set_color(cairo, style.color);
  cairo_set_line_width(cairo, style.width);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(cairo, style.dashes.empty() ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
  cairo_set_dash(cairo, style.dashes.data(), static_cast<int>(style.dashes.size()), 0);
  cairo_stroke(cairo);
}

void Canvas::dot(Point center, double radius, const Color& color) {
  set_color(context_.cairo, color);
  cairo_arc(context_.cairo, center.x, center.y, radius, 0, 2 * std::numbers::pi);
  cairo_fill(context_.cairo);
}

double Canvas::text_width(const std::string& text, const TextStyle& style) {
  set_font(context_.cairo, style);
  cairo_text_extents_t extents;
  cairo_text_extents(context_.cairo, text.c_str(), &extents);
  return extents.x_advance;
}

void Canvas::text(Point baseline, const std::string& text, const TextStyle& style) {
  cairo_t* cairo = context_.cairo;
  const double width = text_width(text, style);
  cairo_save(cairo);
  set_color(cairo, style.color);
  cairo_translate(cairo, baseline.x, baseline.y);
  if (style.upward) cairo_rotate(cairo, -std::numbers::pi / 2);
  cairo_move_to(cairo, -style.align * width, 0);
  cairo_show_text(cairo, text.c_str());
  cairo_restore(cairo);
}

}  // namespace mezzotint
