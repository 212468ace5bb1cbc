#include "mezzotint/report/legend.h"

#include <algorithm>
#include <array>

namespace mezzotint {
namespace {

constexpr std::array<Color, 7> kColors = {{
    {0.000, 0.447, 0.698},  // blue
    {0.835, 0.369, 0.000},  // vermilion
    {0.000, 0.620, 0.451},  // bluish green
    {0.800, 0.475, 0.655},  // reddish purple
    {0.902, 0.624, 0.000},  // orange
    {0.337, 0.706, 0.914},  // sky blue
    {0.200, 0.200, 0.200},  // near black
}};
constexpr double kSample = 22;  // length of the line beside a name
constexpr double kGap = 7;
constexpr double kBetween = 20;
constexpr double kRow = 19;
constexpr size_t kMostDots = 24;
const TextStyle kNameText{12, false, {0.25, 0.27, 0.30}};

/// From pale to dark, both of them well visible on white.
Color shaded(double shade) {
  constexpr Color kPale{0.64, 0.79, 0.93}, kDark{0.02, 0.16, 0.40};
  const auto between = [shade](double pale, double dark) { return pale + shade * (dark - pale); };
  return {between(kPale.red, kDark.red), between(kPale.green, kDark.green),
          between(kPale.blue, kDark.blue)};
}

SeriesLook look(size_t index, const Series& series) {
  SeriesLook look;
  look.line.color = kColors[index % kColors.size()];
  look.line.color.alpha = series.faint ? 0.32 : 1;
  look.line.width = series.faint ? 1 : 1.9;
  if (index >= kColors.size()) look.line.dashes = {6, 3};
  if (series.shade) look.line = {shaded(std::clamp(*series.shade, 0.0, 1.0)), 1.6, {}};
  if (series.companion) look.line.dashes = {1.5, 3};
  look.dots = !series.faint && series.x.size() <= kMostDots;
  return look;
}

}  // namespace

std::vector<SeriesLook> looks_of(const std::vector<Series>& series) {
  size_t full = 0;
  for (const Series& one : series) full += !one.faint && !one.companion;
  std::vector<SeriesLook> looks;
  size_t index = 0;
  for (const Series& one : series) {
    const bool none_follows = one.faint && index >= full && full > 0;
    const bool follows = one.companion && index > 0;
    looks.push_back(look(none_follows ? full - 1 : follows ? index - 1 : index, one));
    index += !one.faint && !one.companion;
  }
  return looks;
}

std::string shortened_text(Canvas& canvas, const std::string& text, const TextStyle& style,
                           double width) {
  if (canvas.text_width(text, style) <= width) return text;
  std::string kept = text;
  const auto drop_character = [&kept] {
    while (!kept.empty() && (static_cast<unsigned char>(kept.back()) & 0xC0) == 0x80)
      kept.pop_back();
    if (!kept.empty()) kept.pop_back();
  };
  do drop_character();
  while (!kept.empty() && canvas.text_width(kept + "…", style) > width);
  return kept + "…";
}

Legend::Legend(Canvas& canvas, const std::vector<Series>& series, double left, double top,
               double width)
    : top_(top) {
  double x = left;
  int row = 0;
  for (size_t i = 0; i < series.size(); ++i) {
    if (series[i].name.empty()) continue;
    const std::string name =
        shortened_text(canvas, series[i].name, kNameText, width - kSample - kGap);
    const double needed = kSample + kGap + canvas.text_width(name, kNameText);
    if (x > left && x + needed > left + width) {
      x = left;
      ++row;
    }
    entries_.push_back({i, name, x, row});
    x += needed + kBetween;
  }
}

double Legend::height() const { return entries_.empty() ? 0 : (entries_.back().row + 1) * kRow; }

void Legend::draw(Canvas& canvas, const std::vector<SeriesLook>& looks) const {
  for (const Entry& entry : entries_) {
    const double y = top_ + entry.row * kRow + 10;
    LineStyle line = looks[entry.series].line;
    line.width += 0.6;
    canvas.line({{entry.x, y}, {entry.x + kSample, y}}, line);
    if (looks[entry.series].dots) canvas.dot({entry.x + kSample / 2, y}, 3.2, line.color);
    canvas.text({entry.x + kSample + kGap, y + 4}, entry.name, kNameText);
  }
}

}  // namespace mezzotint
