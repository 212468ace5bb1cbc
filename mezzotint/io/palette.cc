#include "mezzotint/io/palette.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

struct CountedColor {
  PackedColor color;
  int64_t count;
};
using Colors = std::span<CountedColor>;

/// Weight, and sums of the channels and of their squares.
struct Sums {
  double count = 0;
  std::array<double, 3> sum = {};
  double squares = 0;

  void add(const CountedColor& entry, double sign = 1) {
    const double weight = sign * static_cast<double>(entry.count);
    count += weight;
    for (int c = 0; c < 3; ++c) {
      const double value = color_channel(entry.color, c);
      sum[c] += weight * value;
      squares += weight * value * value;
    }
  }
  double squared_mean() const {
    return (sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]) / count;
  }
  /// Squared distance of all from their mean.
  double error() const { return squares - squared_mean(); }
  PackedColor mean() const {
    PackedColor color = 0;
    for (const double channel : sum)
      color = color << 8U | static_cast<PackedColor>(std::lround(channel / count));
    return color;
  }
};

Sums sums_of(Colors colors) {
  Sums sums;
  for (const CountedColor& entry : colors) sums.add(entry);
  return sums;
}

std::vector<CountedColor> count_colors(const Image& rgb) {
  std::vector<PackedColor> pixels(rgb.pixels.size() / 3);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = pack_color(&rgb.pixels[3 * i]);
  std::ranges::sort(pixels);
  std::vector<CountedColor> colors;
  for (const PackedColor color : pixels) {
    if (colors.empty() || colors.back().color != color) colors.push_back({color, 0});
    ++colors.back().count;
  }
  return colors;
}

struct Box {
  Colors colors;
  double error;
};

Box box_of(Colors colors) { return {colors, colors.size() > 1 ? sums_of(colors).error() : 0.0}; }

void sort_by(Colors colors, int channel) {
  std::ranges::sort(colors, {}, [channel](const CountedColor& entry) {
    return std::pair(color_channel(entry.color, channel), entry.color);
  });
}

/// Where to cut colours that are sorted by a channel: how many come first, and the error that is
/// saved, up to what all places have in common.
std::pair<size_t, double> best_cut(Colors colors, const Sums& all) {
  std::pair<size_t, double> best = {1, -1.0};
  Sums first, rest = all;
  for (size_t i = 0; i + 1 < colors.size(); ++i) {
    first.add(colors[i]);
    rest.add(colors[i], -1);
    const double saved = first.squared_mean() + rest.squared_mean();
    if (saved > best.second) best = {i + 1, saved};
  }
  return best;
}

/// Both parts of a box of two colours or more.
std::pair<Box, Box> split(Colors colors) {
  const Sums all = sums_of(colors);
  int channel = 0;
  std::pair<size_t, double> best = {1, -1.0};
  for (int c = 0; c < 3; ++c) {
    sort_by(colors, c);
    const auto cut = best_cut(colors, all);
    if (cut.second > best.second) {
      best = cut;
      channel = c;
    }
  }
  sort_by(colors, channel);
  return {box_of(colors.first(best.first)), box_of(colors.subspan(best.first))};
}

std::vector<Box> boxes_of(Colors colors, size_t most) {
  std::vector<Box> boxes = {box_of(colors)};
  while (boxes.size() < most) {
    const auto worst = std::ranges::max_element(boxes, {}, &Box::error);
    if (worst->colors.size() < 2) break;
    auto [first, rest] = split(worst->colors);
    *worst = first;
    boxes.push_back(rest);
  }
  return boxes;
}

/// The mean, or the colour that fills more than half of the box.
PackedColor representative(Colors colors) {
  const Sums sums = sums_of(colors);
  const auto commonest = std::ranges::max_element(colors, {}, &CountedColor::count);
  return 2 * static_cast<double>(commonest->count) > sums.count ? commonest->color : sums.mean();
}

}  // namespace

std::vector<PackedColor> choose_palette(const Image& rgb, size_t most) {
  MEZZO_CHECK(rgb.channels == 3 && !rgb.pixels.empty(), "choose_palette: a picture of ",
              rgb.channels, " channels and ", rgb.pixels.size(), " bytes, wanted RGB");
  MEZZO_CHECK(most >= 1 && most <= 256, "choose_palette: ", most, " colours, wanted 1 to 256");
  std::vector<CountedColor> colors = count_colors(rgb);
  if (colors.size() <= most) {
    std::vector<PackedColor> palette;
    for (const CountedColor& entry : colors) palette.push_back(entry.color);
    return palette;
  }
  std::vector<PackedColor> palette;
  for (const Box& box : boxes_of(colors, most)) palette.push_back(representative(box.colors));
  return palette;
}

}  // namespace mezzotint
