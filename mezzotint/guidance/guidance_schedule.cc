#include "mezzotint/guidance/guidance_schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <utility>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"

namespace mezzotint {
namespace {

using Kind = GuidanceSchedule::Kind;

constexpr std::string_view kTablePrefix = "table:";
constexpr std::array<std::pair<const char*, Kind>, 4> kNames = {
    {{"none", Kind::kNone},
     {"abar", Kind::kAbar},
     {"sqrt_abar", Kind::kSqrtAbar},
     {"sqrt_1m_abar", Kind::kSqrt1mAbar}}};

/// alpha-bar at a place of the training timesteps, between two of them in proportion.
double alpha_bar(const Tensor& alphas_cumprod, double place) {
  const double last = static_cast<double>(alphas_cumprod.size(0)) - 1,
               inside = std::clamp(place, 0.0, last), below = std::floor(inside);
  const auto at = [&](double index) {
    return alphas_cumprod[static_cast<int64_t>(index)].item<double>();
  };
  if (inside == below) return at(below);
  return at(below) + (inside - below) * (at(below + 1) - at(below));
}

double from_table(const std::vector<double>& table, size_t i, size_t steps) {
  if (table.size() == 1 || steps == 1) return table.front();
  const double place = static_cast<double>(i) * static_cast<double>(table.size() - 1) /
                       static_cast<double>(steps - 1);
  const auto below = std::min(static_cast<size_t>(place), table.size() - 2);
  return table[below] + (place - static_cast<double>(below)) * (table[below + 1] - table[below]);
}

std::vector<double> parse_table(const std::string& text, const std::string& where) {
  std::vector<double> table;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) {
    char* end = nullptr;
    const double value = std::strtod(part.c_str(), &end);
    if (end == part.c_str() || *end != '\0' || !std::isfinite(value))
      fail_usage(where, ": got '", part, "' in a table, wanted numbers, such as table:1,0.5,0");
    table.push_back(value);
  }
  if (table.empty()) fail_usage(where, ": got an empty table, wanted numbers, such as table:1,0");
  return table;
}

}  // namespace

double GuidanceSchedule::factor(const Scheduler& scheduler, size_t i) const {
  const size_t steps = scheduler.timesteps().size();
  MEZZO_CHECK(i < steps, "guidance schedule: there is no step ", i, ", the plan has ", steps);
  if (kind == Kind::kNone) return 1;
  if (kind == Kind::kTable) return from_table(table, i, steps);
  const double abar = alpha_bar(scheduler.alphas_cumprod(),
                                by_loop_index ? static_cast<double>(i) : scheduler.timesteps()[i]);
  if (kind == Kind::kAbar) return abar;
  return std::sqrt(kind == Kind::kSqrtAbar ? abar : 1 - abar);
}

GuidanceSchedule parse_guidance_schedule(const std::string& text, const std::string& index,
                                         const std::string& where) {
  GuidanceSchedule schedule;
  if (index != "timestep" && index != "loop")
    fail_usage(where, ": got the index '", index, "', wanted timestep or loop");
  schedule.by_loop_index = index == "loop";
  if (text.starts_with(kTablePrefix)) {
    schedule.kind = Kind::kTable;
    schedule.table = parse_table(text.substr(kTablePrefix.size()), where);
    return schedule;
  }
  for (const auto& [name, kind] : kNames) {
    if (text != name) continue;
    schedule.kind = kind;
    return schedule;
  }
  fail_usage(where, ": unknown schedule '", text, "'",
             did_you_mean(text, guidance_schedule_names()),
             "; known: ", joined(guidance_schedule_names()), ", table:NUMBERS");
}

const std::vector<std::string>& guidance_schedule_names() {
  static const std::vector<std::string> kAll = [] {
    std::vector<std::string> names;
    for (const auto& [name, kind] : kNames) names.emplace_back(name);
    return names;
  }();
  return kAll;
}

}  // namespace mezzotint
