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
#include "mezzotint/training/presets.h"
#include "mezzotint/training/recorded_command.h"
#include "mezzotint/training/run_config.h"
#include "mezzotint/training/starting_settings.h"

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

std::string text_of(const nlohmann::json& config, const char* key) {
  const auto found = config.find(key);
  return found != config.end() && found->is_string() ? found->get<std::string>() : "";
}

/// What the verb of a command line begins with.
RunConfig starting_settings(const std::string& command_line, const std::string& recipe,
                            bool pretrained) {
  const std::string verb = recorded_verb(command_line);
  const bool finetune = verb == "finetune" || (pretrained && verb != "train" && verb != "sweep");
  std::string preset = recorded_option(command_line, "--preset");
  const bool fits =
      Registry<Preset>::contains(preset) &&
      (Registry<Preset>::at("preset", preset).for_pretrained ? pretrained : !finetune);
  if (!fits) preset.clear();  // another version's, or the command line isn't whole
  return finetune ? finetune_settings(preset)
                  : train_settings(preset.empty() ? preset_of_recipe(recipe) : preset, pretrained);
}

/// Takes out what the data, the tokenizer or other settings decide.
void erase_derived(Settings& settings, const std::string& recipe) {
  for (const char* name : {"pictures", "model.in_channels", "model.out_channels",
                           "model.sample_size", "model.num_classes", "model.class_names",
                           "model.text_config.vocab_size", "model.text_config.bos_token_id",
                           "model.text_config.eos_token_id", "model.text_config.pad_token_id"})
    settings.erase(name);
  if (recipe == "clip")
    for (const char* name : {"transform.height", "transform.width", "transform.channels"})
      settings.erase(name);
}

/// Takes out what a pretrained model decides. Its size of pictures and its dropout may have been
/// chosen in their place: a size that isn't the model's was, and a dropout may be in a file.
void erase_pretrained(Settings& settings, const nlohmann::json& model,
                      const std::string& command_line) {
  const bool dropout = command_line.find("dropout") != std::string::npos ||
                       !recorded_option(command_line, "--config").empty();
  std::erase_if(settings, [&](const auto& setting) {
    const std::string& name = setting.first;
    return (name.starts_with("model.") && !(dropout && name == "model.dropout")) ||
           name.starts_with("scheduler.");
  });
  for (const char* name : {"class_conditional", "class_emb_size", "transform.channels"})
    settings.erase(name);
  if (!model.is_object() || !model.contains("sample_size")) return;
  const nlohmann::json& size = model.at("sample_size");
  const bool pair = size.is_array() && size.size() == 2;
  for (const auto& [name, usual] : {std::pair("transform.height", pair ? size[0] : size),
                                    std::pair("transform.width", pair ? size[1] : size)})
    if (settings.contains(name) && settings.at(name) == usual) settings.erase(name);
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

Settings chosen_settings(const nlohmann::json& config, const std::string& command_line) {
  const std::string recipe = text_of(config, "recipe");
  const bool pretrained = !text_of(config, "init").empty();
  const RunConfig start = starting_settings(command_line, recipe, pretrained);
  nlohmann::json usual = to_json(start);
  usual["model"] = default_model(recipe);
  usual["model"].merge_patch(start.model);
  usual["scheduler"] = to_json(DDPMConfig());
  usual["scheduler"].merge_patch(start.scheduler);
  const Settings before = run_settings(usual);
  Settings chosen = run_settings(config);
  std::erase_if(chosen, [&](const auto& setting) {
    const auto found = before.find(setting.first);
    return found != before.end() && found->second == setting.second;
  });
  erase_derived(chosen, recipe);
  if (pretrained) erase_pretrained(chosen, config.value("model", nlohmann::json()), command_line);
  return chosen;
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
