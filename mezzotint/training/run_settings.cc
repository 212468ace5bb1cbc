#include "mezzotint/training/run_settings.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "mezzotint/base/fields.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/json_text.h"
#include "mezzotint/models/clip_config.h"
#include "mezzotint/models/picture_classifier.h"
#include "mezzotint/models/unet_2d_config.h"
#include "mezzotint/schedulers/ddpm.h"
#include "mezzotint/training/run_config.h"

namespace mezzotint {
namespace {

constexpr std::array<std::string_view, 3> kNoChoice = {"command_line", "class_names", "pipeline"};

void flatten(const nlohmann::json& object, const std::string& prefix, Settings& settings) {
  for (const auto& [key, value] : object.items()) {
    if (key.starts_with("_")) continue;
    if (value.is_object())
      flatten(value, concat(prefix, key, "."), settings);
    else
      settings[prefix + key] = value;
  }
}

nlohmann::json default_model(const std::string& recipe) {
  if (recipe == "clip") return to_json(CLIPConfig());
  if (recipe == "classifier") return to_json(PictureClassifierConfig());
  return to_json(UNet2DConfig());
}

}  // namespace

Settings run_settings(const nlohmann::json& config) {
  Settings settings;
  for (const auto& [section, values] : config.items()) {
    if (std::ranges::find(kNoChoice, section) != kNoChoice.end()) continue;
    if (!values.is_object())
      settings[section] = values;
    else
      flatten(values, section == "training" ? "" : section + ".", settings);
  }
  return settings;
}

Settings default_settings(const std::string& recipe) {
  nlohmann::json config = to_json(RunConfig());
  config["model"] = default_model(recipe);
  config["scheduler"] = to_json(DDPMConfig());
  return run_settings(config);
}

std::vector<std::string> differing_settings(const std::vector<Settings>& runs) {
  std::set<std::string> names;
  for (const Settings& run : runs)
    for (const auto& [name, value] : run) names.insert(name);
  const auto same_in_all = [&](const std::string& name) {
    const auto& first = runs.front();
    return std::ranges::all_of(runs, [&](const Settings& run) {
      return run.contains(name) && first.contains(name) && run.at(name) == first.at(name);
    });
  };
  std::vector<std::string> differing;
  for (const std::string& name : names)
    if (!same_in_all(name)) differing.push_back(name);
  return differing;
}

std::string setting_text(const nlohmann::json& value) {
  if (value.is_null()) return "none";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return python_repr(value.get<double>());
  if (!value.is_array()) return value.dump();
  std::vector<std::string> items;
  for (const nlohmann::json& item : value) items.push_back(setting_text(item));
  return joined(items, ",");
}

}  // namespace mezzotint
