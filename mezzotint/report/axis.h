#pragma once

#include <string>
#include <vector>

namespace mezzotint {

/// The values that an axis has to show. Starts empty; grows by add().
struct DataRange {
  double low = 0;
  double high = 0;
  bool empty = true;
  void add(double value);
};

struct Tick {
  double value;
  std::string label;
};

/// One axis: its ends, and where ticks stand. The ends are finite, low < high, and above 0 when
/// logarithmic.
struct Axis {
  double low = 0;
  double high = 1;
  bool log = false;
  std::vector<Tick> ticks;    ///< with labels and grid lines
  std::vector<double> minor;  ///< 2, 3, ... 9 times a power of ten; without labels

  /// 0 at the low end, 1 at the high end.
  double place(double value) const;
  /// Whether a value can be drawn at all: not NaN, at most 1e300 in size, and above 0 on a
  /// logarithmic axis.
  bool shows(double value) const;
};

/// How an axis is laid out.
struct AxisStyle {
  bool log = false;
  bool margin = true;  ///< some room beyond the data
  int most_ticks = 8;
};

/// An axis around the data with ticks at round numbers: 1, 2 or 5 times a power of ten. A single
/// value gets room around it; an empty range is 0 to 1 (1 to 10 when logarithmic).
Axis make_axis(const DataRange& data, const AxisStyle& style);

/// A tick's label: "0.25", "20k", "5×10⁻⁷". @param step the distance between ticks, which decides
/// the digits.
/// @param largest the size of the axis's largest tick, which decides the unit that all its labels
/// share.
std::string tick_label(double value, double step, double largest);

}  // namespace mezzotint
