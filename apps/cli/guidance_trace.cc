#include "apps/cli/guidance_trace.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "mezzotint/io/files.h"
#include "mezzotint/report/plot.h"

namespace mezzotint::cli {
namespace {

double mean_of(const Tensor& values_b) {
  return values_b.defined() ? values_b.mean().item<double>() : 0.0;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

/// A field of CSV: in quotes where it has commas or quotes (RFC 4180).
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::optional<double> loss_of(const std::vector<std::pair<std::string, double>>& losses,
                              const std::string& name) {
  for (const auto& [known, value] : losses)
    if (known == name) return value;
  return std::nullopt;
}

}  // namespace

void GuidanceTrace::add(const GuidedStep& step) {
  Row row{.step = step.index,
          .timestep = step.timestep,
          .method = step.terms.empty()                      ? 0
                    : step.method == GuidanceMethod::kModel ? 2
                                                            : 1,
          .total = 0,
          .losses = {},
          .rms = mean_of(step.rms_b),
          .clamped = mean_of(step.clamped_b)};
  for (const GuidedStep::Term& term : step.terms) {
    std::string name = term.name;  // two terms of one name are told apart
    for (int k = 2; loss_of(row.losses, name); ++k)
      name = term.name + " (" + std::to_string(k) + ")";
    row.losses.emplace_back(name, mean_of(term.loss_b));
    row.total += term.weight * row.losses.back().second;
  }
  rows_.push_back(std::move(row));
}

std::string GuidanceTrace::note() const {
  if (rows_.empty() || rows_.back().losses.empty()) return "";
  char text[64];
  std::snprintf(text, sizeof text, "loss %.4g", rows_.back().total);
  return text;
}

std::vector<std::string> GuidanceTrace::names() const {
  std::vector<std::string> names;
  for (const Row& row : rows_)
    for (const auto& [name, value] : row.losses)
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

std::string GuidanceTrace::csv() const {
  const std::vector<std::string> terms = names();
  std::string text = "step,timestep,method,weighted_loss,move_rms,clamped";
  for (const std::string& name : terms) text += "," + field(name);
  text += "\n";
  for (const Row& row : rows_) {
    text += std::to_string(row.step) + "," + number(row.timestep) + "," +
            std::to_string(row.method) + "," + number(row.total) + "," + number(row.rms) + "," +
            number(row.clamped);
    for (const std::string& name : terms) {
      const std::optional<double> loss = loss_of(row.losses, name);
      text += "," + (loss ? number(*loss) : "");
    }
    text += "\n";
  }
  return text;
}

void GuidanceTrace::write(const std::string& file) const {
  if (file.ends_with(".csv")) return write_file_atomic(file, csv());
  Plot plot{.title = "Guidance",
            .x_label = "step",
            .y_label = "loss; root mean square of the move; share clamped"};
  const auto add = [&](const std::string& name, const auto& value) {
    Series series{.name = name};
    for (const Row& row : rows_) {
      series.x.push_back(static_cast<double>(row.step));
      series.y.push_back(value(row));
    }
    plot.series.push_back(std::move(series));
  };
  for (const std::string& name : names())
    add(name, [&](const Row& row) {
      return loss_of(row.losses, name).value_or(std::numeric_limits<double>::quiet_NaN());
    });
  add("move", [](const Row& row) { return row.rms; });
  add("clamped", [](const Row& row) { return row.clamped; });
  write_plot(file, plot);
}

}  // namespace mezzotint::cli
