#include "apps/cli/tuning.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/version.h"
#include "mezzotint/io/files.h"

#include "apps/cli/cpu_name.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ops::TileCosts;
using ops::WinogradCosts;

constexpr const char* kSchema = "mezzotint/tuning/1";

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

/// Empty where there is no place for it.
fs::path tuning_file() {
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty())
    return fs::path(cache) / "mezzotint" / "tuning.json";
  const std::string home = variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache" / "mezzotint" / "tuning.json";
}

/// Kernels change with the version, so what was measured of them does too.
std::string machine() {
  return cpu_name() + (cpu_has_avx512() ? " with AVX-512" : "") + ", mezzotint " + version();
}

/// What the file says; an empty document where it is missing, damaged or of another kind.
json kept(const fs::path& file) {
  const json empty = {{"schema", kSchema}, {"machines", json::object()}};
  try {
    json document = read_json(file);
    const bool known = document.is_object() && document.value("schema", json()) == kSchema &&
                       document.contains("machines") && document.at("machines").is_object();
    return known ? document : empty;
  } catch (const Error&) {
    return empty;
  }
}

json to_json(const TileCosts& costs) {
  return {{"product", costs.product}, {"transform", costs.transform}, {"filter", costs.filter}};
}

/// None unless all three are positive numbers.
std::optional<TileCosts> tile_costs(const json& tile) {
  TileCosts costs;
  for (const auto& [key, value] :
       {std::pair("product", &costs.product), std::pair("transform", &costs.transform),
        std::pair("filter", &costs.filter)}) {
    const auto found = tile.is_object() ? tile.find(key) : tile.end();
    if (!tile.is_object() || found == tile.end() || !found->is_number()) return std::nullopt;
    *value = found->get<double>();
    if (!(*value > 0)) return std::nullopt;
  }
  return costs;
}

std::optional<WinogradCosts> costs_of_machine(const json& document) {
  const json of_machine = document.at("machines").value(machine(), json());
  if (!of_machine.is_object()) return std::nullopt;
  const auto four = tile_costs(of_machine.value("winograd_4", json())),
             six = tile_costs(of_machine.value("winograd_6", json()));
  return four && six ? std::optional(WinogradCosts{*four, *six}) : std::nullopt;
}

/// What the file holds of this machine, after putting it there if need be.
WinogradCosts kept_or_measured() {
  const fs::path file = tuning_file();
  if (file.empty()) return ops::kUsualCosts;
  if (const auto costs = costs_of_machine(kept(file))) return *costs;
  const WinogradCosts costs = ops::measure_winograd_costs();
  json document = kept(file);  // another process may have been here meanwhile
  if (const auto theirs = costs_of_machine(document)) return *theirs;
  document["machines"][machine()] = {{"winograd_4", to_json(costs.four)},
                                     {"winograd_6", to_json(costs.six)}};
  try {
    std::error_code ignored;  // write_json says what is wrong with the folder
    fs::create_directories(file.parent_path(), ignored);
    write_json(file, document);
    // As they will be read from now on.
    return costs_of_machine(kept(file)).value_or(ops::kUsualCosts);
  } catch (const Error&) {
    return ops::kUsualCosts;
  }
}

const WinogradCosts& measured_costs() {
  static const WinogradCosts kCosts = kept_or_measured();
  return kCosts;
}

const WinogradCosts& fixed_costs() { return ops::kUsualCosts; }

}  // namespace

ops::CostSource cost_source() {
  const std::string tune = variable("MEZZOTINT_TUNE");
  if (tune == "off") return &fixed_costs;
  if (!tune.empty() && tune != "on")
    fail_usage("MEZZOTINT_TUNE: got '", tune, "', wanted on or off");
  return &measured_costs;
}

}  // namespace mezzotint::cli
