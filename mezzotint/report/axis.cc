#include "mezzotint/report/axis.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace mezzotint {
namespace {

constexpr double kLargest = 1e300;  // differences and products of ends stay finite

std::string fixed(double value, int decimals) {
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", decimals, std::fabs(value));
  return (value < 0 ? "−" : "") + std::string(text);
}

std::string superscript(int exponent) {
  static const char* const kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "⁻" : "";
  for (const char digit : std::to_string(std::abs(exponent))) text += kDigits[digit - '0'];
  return text;
}

int exponent_of(double value) {
  return static_cast<int>(std::floor(std::log10(std::fabs(value)) + 1e-9));
}

/// Digits after the point that tell two numbers apart that lie `step` from each other.
int decimals_for(double step) {
  const int exponent = exponent_of(step);
  return std::max(0, -exponent);
}

/// "2.5×10⁻⁶". @param exponent the same for all labels of a linear axis.
std::string scientific(double value, double step, int exponent) {
  const double power = std::pow(10.0, exponent);
  return fixed(value / power, decimals_for(step / power)) + "×10" + superscript(exponent);
}

/// The least of 1, 2, 5 times a power of ten that makes at most `most` steps of `width`.
double round_step(double width, int most) {
  const double least = width / most;
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

std::vector<double> multiples_within(double low, double high, double step) {
  const double slack = 1e-6 * step;
  std::vector<double> values;
  for (double k = std::ceil((low - slack) / step); k * step <= high + slack; ++k)
    values.push_back(k * step);
  return values;
}

/// At most about `most` ticks, but three in any case.
std::vector<Tick> linear_ticks(double low, double high, int most) {
  double step = round_step(high - low, most);
  std::vector<double> values = multiples_within(low, high, step);
  while (values.size() < 3 && most < 100) {
    step = round_step(high - low, ++most);
    values = multiples_within(low, high, step);
  }
  const double largest = std::max(std::fabs(values.front()), std::fabs(values.back()));
  std::vector<Tick> ticks;
  ticks.reserve(values.size());
  for (const double value : values) ticks.push_back({value, tick_label(value, step, largest)});
  return ticks;
}

std::string power_label(double value) {
  const int exponent = exponent_of(value);
  if (exponent >= -3 && exponent <= 3) return fixed(value, std::max(0, -exponent));
  const double mantissa = value / std::pow(10.0, exponent);
  return mantissa < 1.5 ? "10" + superscript(exponent) : scientific(value, value, exponent);
}

/// Powers of ten, every k-th of them where they are many; 2 and 5 times them where they are few.
void add_log_ticks(Axis& axis, int most) {
  const int first = static_cast<int>(std::floor(std::log10(axis.low)));
  const int last = static_cast<int>(std::ceil(std::log10(axis.high)));
  const int stride = std::max(1, static_cast<int>(std::ceil((last - first) / double(most))));
  const double decades = std::log10(axis.high / axis.low);
  const bool few = decades <= 2.6;
  const auto inside = [&](double v) {
    return v >= axis.low * (1 - 1e-9) && v <= axis.high * (1 + 1e-9);
  };
  for (int exponent = first; exponent <= last; ++exponent) {
    const double power = std::pow(10.0, exponent);
    for (int factor = 1; factor < 10; ++factor) {
      const double value = factor * power;
      if (!inside(value)) continue;
      const bool labelled =
          factor == 1 ? exponent % stride == 0 : few && (factor == 2 || factor == 5);
      if (labelled)
        axis.ticks.push_back({value, power_label(value)});
      else if (last - first <= 5)
        axis.minor.push_back(value);
    }
  }
  // Within one decade, round numbers of the linear kind say more.
  if (axis.ticks.size() < 3 && decades < 1.5) axis.ticks = linear_ticks(axis.low, axis.high, most);
}

void widen_single_value(double& low, double& high, bool log) {
  if (low < high && (high - low) > 1e-12 * std::max(std::fabs(low), std::fabs(high))) return;
  const double room = low == 0 ? 1 : 0.1 * std::fabs(low);
  low = log ? low / 2 : low - room;
  high = log ? high * 2 : high + room;
}

void add_margin(double& low, double& high, bool log) {
  if (log) {
    const double factor = std::pow(high / low, 0.04);
    low /= factor;
    high *= factor;
    return;
  }
  const double width = high - low;
  // Values that begin near 0 stand on it, so that heights can be compared.
  const bool stands = low >= 0 && low < 0.15 * high;
  low = stands ? 0 : low - 0.04 * width;
  high += 0.05 * width;
}

}  // namespace

void DataRange::add(double value) {
  low = empty ? value : std::min(low, value);
  high = empty ? value : std::max(high, value);
  empty = false;
}

double Axis::place(double value) const {
  if (log) return std::log(value / low) / std::log(high / low);
  return (value - low) / (high - low);
}

bool Axis::shows(double value) const {
  const double size = std::fabs(value);
  return size <= kLargest && (!log || (value > 0 && size >= 1 / kLargest));
}

std::string tick_label(double value, double step, double largest) {
  if (std::fabs(value) < 1e-9 * step) return "0";
  if (largest >= 1e9 || step < 0.99e-4) return scientific(value, step, exponent_of(largest));
  const auto in_units = [&](double unit, const char* suffix) {
    return fixed(value / unit, decimals_for(step / unit)) + suffix;
  };
  if (largest >= 1e6) return in_units(1e6, "M");
  if (largest >= 1e4 && step >= 100) return in_units(1e3, "k");
  return fixed(value, decimals_for(step));
}

Axis make_axis(const DataRange& data, const AxisStyle& style) {
  Axis axis;
  axis.log = style.log;
  axis.low = data.empty ? (style.log ? 1 : 0) : data.low;
  axis.high = data.empty ? (style.log ? 10 : 1) : data.high;
  const bool single = !(axis.low < axis.high);
  widen_single_value(axis.low, axis.high, style.log);
  if (style.margin && !data.empty && !single) add_margin(axis.low, axis.high, style.log);
  if (style.log)
    add_log_ticks(axis, style.most_ticks);
  else
    axis.ticks = linear_ticks(axis.low, axis.high, style.most_ticks);
  return axis;
}

}  // namespace mezzotint
