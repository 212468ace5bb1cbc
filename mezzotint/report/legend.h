#pragma once

#include <string>
#include <vector>

#include "mezzotint/report/canvas.h"
#include "mezzotint/report/plot.h"

namespace mezzotint {

/// How a series is drawn, in the plot and in its legend.
struct SeriesLook {
  LineStyle line;
  bool dots = false;  ///< few enough points to show each
};

/// Colours that people with any kind of colour blindness tell apart (Okabe & Ito 2008); from the
/// eighth series on the colours come again, dashed. A faint series takes the colour of the next one
/// that isn't, a companion that of the one before it; one with a shade has that.
std::vector<SeriesLook> looks_of(const std::vector<Series>& series);

/// The text, or as much of its beginning as fits `width` with "…" after it.
std::string shortened_text(Canvas& canvas, const std::string& text, const TextStyle& style,
                           double width);

/// The names of the series in rows above the plot, where they cover nothing. Series without a name
/// are left out.
class Legend {
 public:
  Legend(Canvas& canvas, const std::vector<Series>& series, double left, double top, double width);
  double height() const;
  void draw(Canvas& canvas, const std::vector<SeriesLook>& looks) const;

 private:
  struct Entry {
    size_t series;
    std::string name;
    double x;
    int row;
  };
  double top_;
  std::vector<Entry> entries_;
};

}  // namespace mezzotint
