#include "mezzotint/report/timestep_curves.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace mezzotint {
namespace {

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// "200-299"
std::optional<TimestepTrace> stretch(std::string_view text, const Trace& trace) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos || trace.count() == 0) return std::nullopt;
  const auto first = whole_number(text.substr(0, dash)), last = whole_number(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  return TimestepTrace{*first, *last, &trace};
}

double middle(const TimestepTrace& trace) {
  return (static_cast<double>(trace.first) + static_cast<double>(trace.last)) / 2;
}

bool all_above_zero(const Series& series) {
  return std::ranges::all_of(series.y, [](double y) { return y > 0; });
}

}  // namespace

std::vector<TimestepTrace> timestep_traces(const RunHistory& history, const std::string& prefix) {
  std::vector<TimestepTrace> found;
  for (const auto& [name, trace] : history.traces())
    if (name.starts_with(prefix + "/"))
      if (const auto one = stretch(std::string_view(name).substr(prefix.size() + 1), trace))
        found.push_back(*one);
  std::ranges::sort(found, {}, &TimestepTrace::first);
  return found;
}

Plot loss_by_timestep_plot(const std::vector<TimestepTrace>& traces, const std::string& title) {
  Plot plot{.title = title, .x_label = "update", .y_label = "mean squared error", .log_y = true};
  for (size_t i = 0; i < traces.size(); ++i) {
    Series series{.name = std::to_string(traces[i].first) + "–" + std::to_string(traces[i].last)};
    series.shade = traces.size() < 2 ? 1.0 : static_cast<double>(i) / (traces.size() - 1.0);
    for (const Trace::Point& point : traces[i].trace->points()) {
      series.x.push_back(point.update);
      series.y.push_back(point.value);
    }
    plot.series.push_back(std::move(series));
  }
  return plot;
}

Plot loss_profile_plot(const std::vector<TimestepTrace>& traces, const std::string& title) {
  Plot plot{.title = title, .x_label = "timestep", .y_label = "mean squared error"};
  Series first{.name = "first tenth of the run"}, last{.name = "last tenth"};
  for (const TimestepTrace& one : traces) {
    const std::vector<Trace::Point> points = one.trace->points();
    first.x.push_back(middle(one));
    first.y.push_back(first_tenth_mean(points));
    last.x.push_back(middle(one));
    last.y.push_back(last_tenth_mean(points));
  }
  plot.log_y = all_above_zero(first) && all_above_zero(last);
  plot.series = {std::move(first), std::move(last)};
  return plot;
}

}  // namespace mezzotint
