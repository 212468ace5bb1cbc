#include "mezzotint/report/plot.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/report/curve.h"

namespace mezzotint {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Plot loss_plot() {
  Plot plot{.title = "Loss", .x_label = "update", .y_label = "mean squared error"};
  Series raw{.name = "batch", .faint = true};
  for (int i = 0; i < 500; ++i) {
    raw.x.push_back(i);
    raw.y.push_back(0.04 + std::exp(-i / 60.0) + 0.03 * std::sin(i * 1.7));
  }
  Series smooth{.name = "smoothed", .x = raw.x, .y = smoothed(raw.y, 0.95)};
  plot.series = {raw, smooth};
  return plot;
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++found;
  return found;
}

uint32_t big_endian(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

TEST(Plot, SvgIsTheSameEveryTime) {
  const std::string first = render_svg(loss_plot());
  EXPECT_EQ(first.substr(0, 5), "<?xml");
  EXPECT_EQ(render_svg(loss_plot()), first);
  Plot other = loss_plot();
  other.title = "Another";
  EXPECT_NE(render_svg(other), first);
  EXPECT_EQ(render_svg(loss_plot()), first);  // Cairo has counted on meanwhile
}

TEST(Plot, TwoSvgsShareNoIdentifiers) {
  Plot other = loss_plot();
  other.y_label = "something else";
  const std::string first = render_svg(loss_plot()), second = render_svg(other);
  size_t found = 0;
  for (size_t i = first.find("id=\""); i != std::string::npos; i = first.find("id=\"", i + 1)) {
    const std::string id = first.substr(i, first.find('"', i + 4) + 1 - i);
    EXPECT_EQ(second.find(id), std::string::npos) << id;
    ++found;
  }
  EXPECT_GT(found, 10u);  // a letter each
}

TEST(Plot, PngHasTwoPixelsForEachUnit) {
  const std::string png = render_png(loss_plot());
  EXPECT_EQ(png.substr(1, 3), "PNG");
  EXPECT_EQ(big_endian(png, 16), 1600u);
  EXPECT_EQ(big_endian(png, 20), 960u);
  EXPECT_EQ(render_png(loss_plot()), png);
}

TEST(Plot, DrawsWhatHasNothingToShow) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<Series> odd = {{"empty", {}, {}},
                                   {"one", {1}, {2}},
                                   {"nan", {1, 2}, {kNaN, kNaN}},
                                   {"constant", {1, 2, 3}, {5, 5, 5}},
                                   {"zero", {0, 0}, {0, 0}},
                                   {"infinite", {1, 2}, {infinity, -infinity}},
                                   {"huge", {1, 2}, {1.7e308, -1e300}},
                                   {"tiny", {1, 2}, {1e-300, 2e-300}}};
  for (const Series& series : odd)
    for (const bool log : {false, true}) {
      Plot plot{.log_x = log, .log_y = log};
      plot.series = {series};
      const std::string svg = render_svg(plot);
      EXPECT_EQ(svg.find("nan\""), std::string::npos) << series.name;
      EXPECT_EQ(svg.find("inf"), std::string::npos) << series.name;
      EXPECT_GT(svg.size(), 1000u);
    }
  EXPECT_FALSE(render_png({}).empty());
}

TEST(Plot, NaNBreaksTheLineAndManyPointsAreThinned) {
  Scale scale{make_axis({0, 10, false}, {}), make_axis({0, 1, false}, {}), {0, 0, 100, 100}};
  const Series broken{"", {1, 2, 3, 4, 5}, {0.1, 0.2, kNaN, 0.3, 0.4}};
  EXPECT_EQ(curve(broken, scale).size(), 2u);
  Series dense;
  for (int i = 0; i < 100000; ++i) {
    dense.x.push_back(i * 1e-4);
    dense.y.push_back(i == 41234 ? 0.9 : 0.5);  // one value stands out
  }
  const auto stretches = curve(dense, scale);
  ASSERT_EQ(stretches.size(), 1u);
  EXPECT_LE(stretches[0].size(), 1000u);
  double highest = 1e9;
  for (const Point& point : stretches[0]) highest = std::min(highest, point.y);
  EXPECT_NEAR(highest, scale.at(0, 0.9).y, 1e-9);
}

TEST(Plot, WritesByEnding) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir());
  const auto svg = folder / "plot_test.svg", png = folder / "plot_test.PNG";
  write_plot(svg, loss_plot());
  write_plot(png, loss_plot());
  EXPECT_EQ(read_file(svg), render_svg(loss_plot()));
  EXPECT_EQ(read_file(png), render_png(loss_plot()));
  EXPECT_THROW(write_plot(folder / "plot.gif", loss_plot()), Error);
  std::filesystem::remove(svg);
  std::filesystem::remove(png);
}

TEST(Plot, SaysWhatIsWrong) {
  Plot plot = loss_plot();
  plot.series[0].y.pop_back();
  EXPECT_THROW(render_svg(plot), Error);
  plot = loss_plot();
  plot.width = 0;
  EXPECT_THROW(render_png(plot), Error);
}

TEST(Plot, LegendNamesEachSeriesOnce) {
  Plot plot = loss_plot();
  const size_t with = count(render_svg(plot), "<use ");
  plot.series[0].name.clear();
  EXPECT_EQ(with - count(render_svg(plot), "<use "), std::string("batch").size());
}

TEST(Smoothed, TakesTheBiasOfTheStartOut) {
  const std::vector<double> mean = smoothed({4, 4, 4}, 0.9);
  for (const double value : mean) EXPECT_NEAR(value, 4, 1e-12);
  EXPECT_NEAR(smoothed({0, 1}, 0.5)[1], 2.0 / 3, 1e-12);
  EXPECT_EQ(smoothed({3, 1}, 0)[1], 1);
  const std::vector<double> gap = smoothed({kNaN, 2, kNaN, 2}, 0.5);
  EXPECT_TRUE(std::isnan(gap[0]));
  EXPECT_NEAR(gap[2], 2, 1e-12);
  EXPECT_THROW(smoothed({1}, 1), Error);
}

}  // namespace
}  // namespace mezzotint
