#include "mezzotint/data/resample.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"

namespace mezzotint {
namespace {

// A sum of 8-bit samples times weights must fit 32 bits with room for bicubic's and Lanczos'
// overshoot.
constexpr int kFractionBits = 32 - 8 - 2;

struct Kernel {
  double support;  ///< the filter is 0 beyond this distance
  double (*value)(double x);
};

double box(double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }

double bilinear(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

/// Keys 1981, with a = -1/2.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0; }

Kernel kernel_of(Filter filter) {
  switch (filter) {
    case Filter::kBox:
      return {0.5, box};
    case Filter::kBilinear:
      return {1.0, bilinear};
    case Filter::kBicubic:
      return {2.0, bicubic};
    default:
      return {3.0, lanczos};
  }
}

/// How one axis is resampled: output i is the sum over k of weights[i * window + k] *
/// input[first[i] + k].
struct Plan {
  int window = 0;
  std::vector<int> first, count;
  std::vector<int32_t> weights;
};

Plan plan_axis(int from, int to, const Kernel& kernel) {
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(scale, 1.0);
  const double support = kernel.support * stretch;
  Plan plan;
  plan.window = static_cast<int>(std::ceil(support)) * 2 + 1;
  plan.weights.resize(static_cast<size_t>(to) * plan.window);
  std::vector<double> exact(plan.window);
  for (int i = 0; i < to; ++i) {
    const double center = (i + 0.5) * scale;
    // NOLINTBEGIN(bugprone-incorrect-roundings): cut after adding a half, as PIL does it
    const int first = std::max(0, static_cast<int>(center - support + 0.5));
    const int count = std::min(from, static_cast<int>(center + support + 0.5)) - first;
    // NOLINTEND(bugprone-incorrect-roundings)
    double sum = 0;
    for (int k = 0; k < count; ++k) {
      exact[k] = kernel.value((k + first - center + 0.5) * (1.0 / stretch));
      sum += exact[k];
    }
    for (int k = 0; k < count; ++k) {
      const double weight = (sum != 0.0 ? exact[k] / sum : exact[k]) * (1 << kFractionBits);
      plan.weights[static_cast<size_t>(i) * plan.window + k] =
          static_cast<int32_t>(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    plan.first.push_back(first);
    plan.count.push_back(count);
  }
  return plan;
}

uint8_t rounded(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

constexpr int32_t kHalf = 1 << (kFractionBits - 1);

Image blank(const Image& like, int width, int height) {
  Image image;
  image.width = width;
  image.height = height;
  image.channels = like.channels;
  image.stored_as = like.stored_as;
  image.pixels.resize(static_cast<size_t>(width) * height * like.channels);
  return image;
}

/// Channels known when compiled: their sums stay in registers.
template <int kChannels>
void filter_row(const uint8_t* row, const Plan& plan, uint8_t* out) {
  for (size_t x = 0; x < plan.first.size(); ++x) {
    const int32_t* weights = &plan.weights[x * plan.window];
    const uint8_t* from = row + static_cast<size_t>(plan.first[x]) * kChannels;
    int32_t sums[kChannels];
    std::ranges::fill(sums, kHalf);
    for (int k = 0; k < plan.count[x]; ++k, from += kChannels)
      for (int c = 0; c < kChannels; ++c) sums[c] += from[c] * weights[k];
    for (const int32_t sum : sums) *out++ = rounded(sum);
  }
}

Image along_rows(const Image& in, int width, const Plan& plan) {
  constexpr decltype(&filter_row<1>) kFilters[] = {nullptr, filter_row<1>, filter_row<2>,
                                                   filter_row<3>, filter_row<4>};
  Image out = blank(in, width, in.height);
  const size_t from = static_cast<size_t>(in.width) * in.channels;
  const size_t to = static_cast<size_t>(width) * in.channels;
  for (int y = 0; y < in.height; ++y)
    kFilters[in.channels](&in.pixels[y * from], plan, &out.pixels[y * to]);
  return out;
}

Image along_columns(const Image& in, int height, const Plan& plan) {
  Image out = blank(in, in.width, height);
  const size_t row = static_cast<size_t>(in.width) * in.channels;
  std::vector<int32_t> sums(row);
  for (int y = 0; y < height; ++y) {
    std::ranges::fill(sums, kHalf);
    for (int k = 0; k < plan.count[y]; ++k) {
      const int32_t weight = plan.weights[static_cast<size_t>(y) * plan.window + k];
      const uint8_t* from = &in.pixels[(plan.first[y] + k) * row];
      for (size_t i = 0; i < row; ++i) sums[i] += from[i] * weight;
    }
    std::ranges::transform(sums, &out.pixels[y * row], rounded);
  }
  return out;
}

/// The input position of each output position. PIL adds up steps rather than multiplying; so the
/// rounding is the same.
std::vector<int> nearest_positions(int from, int to) {
  const double step = static_cast<double>(from) / to;
  std::vector<int> positions;
  double at = step * 0.5;
  for (int i = 0; i < to; ++i, at += step)
    positions.push_back(std::min(static_cast<int>(at), from - 1));
  return positions;
}

Image resize_nearest(const Image& in, int width, int height) {
  Image out = blank(in, width, height);
  const std::vector<int> columns = nearest_positions(in.width, width),
                         rows = nearest_positions(in.height, height);
  uint8_t* to = out.pixels.data();
  for (const int y : rows)
    for (const int x : columns)
      to = std::copy_n(&in.pixels[(static_cast<size_t>(y) * in.width + x) * in.channels],
                       in.channels, to);
  return out;
}

}  // namespace

Filter filter_from_name(const std::string& name) {
  static const std::vector<std::string> kNames = {"nearest", "box", "bilinear", "bicubic",
                                                  "lanczos"};
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end())
    fail_usage("unknown interpolation '", name, "'", did_you_mean(name, kNames),
               "; known: ", joined(kNames));
  return static_cast<Filter>(found - kNames.begin());
}

Image resize(const Image& image, int width, int height, Filter filter) {
  MEZZO_CHECK(width > 0 && height > 0, "resize: to ", width, " x ", height, " pixels");
  const int64_t held = int64_t{image.width} * image.height * image.channels;
  MEZZO_CHECK(held > 0 && image.channels <= 4 && std::ssize(image.pixels) == held,
              "resize: ", image.pixels.size(), " bytes of pixels for ", image.width, " x ",
              image.height, " with ", image.channels, " channels");
  MEZZO_CHECK(width <= kMaxPixels / height && width <= kMaxPixels / image.height, "resize: from ",
              image.width, " x ", image.height, " to ", width, " x ", height, " pixels: more than ",
              kMaxPixels);
  if (filter == Filter::kNearest) return resize_nearest(image, width, height);
  const Kernel kernel = kernel_of(filter);
  Image out = image;
  if (width != image.width) out = along_rows(out, width, plan_axis(image.width, width, kernel));
  if (height != image.height)
    out = along_columns(out, height, plan_axis(image.height, height, kernel));
  return out;
}

}  // namespace mezzotint
