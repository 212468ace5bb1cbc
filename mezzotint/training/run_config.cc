#include "mezzotint/training/run_config.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "mezzotint/base/fields.h"
#include "mezzotint/base/other_names.h"
#include "mezzotint/io/files.h"
#include "mezzotint/models/clip_config.h"
#include "mezzotint/models/picture_classifier.h"
#include "mezzotint/models/unet_2d_config.h"
#include "mezzotint/schedulers/ddpm.h"

namespace mezzotint {
namespace {

/// A section that stays JSON is held to the fields of the class that will read it. Keys such as
/// "_class_name", which saved configurations have, pass.
template <HasFields T>
void overlay_json(nlohmann::json& section, const nlohmann::json& values, const std::string& where) {
  nlohmann::json named = nlohmann::json::object();
  if (!values.is_object()) fail_usage(where, ": got ", values.type_name(), ", wanted an object");
  for (const auto& [key, value] : values.items())
    if (!key.starts_with("_")) named[key] = value;
  T checked;
  from_json_strict(checked, named, where);
  section.update(values);
}

/// A key outside of the section that it belongs in: says which. Its name may be another tool's.
void refuse_misplaced(const nlohmann::json& values, const std::string& where) {
  const std::vector<std::string> known = field_names<RunConfig>();
  const std::vector<std::pair<const char*, std::vector<std::string>>> sections = {
      {"training", field_names<TrainConfig>()},
      {"transform", field_names<TransformConfig>()},
      {"lora", field_names<LoraConfig>()},
      {"augmentation", field_names<AugmentationConfig>()},
      {"contrastive", field_names<ContrastiveConfig>()}};
  for (const auto& [key, value] : values.items()) {
    if (std::ranges::count(known, key) > 0 || !name_here(key, known).empty()) continue;
    for (const auto& [section, names] : sections) {
      const bool same = std::ranges::count(names, key) > 0;
      const std::string name = same ? key : name_here(key, names);
      if (!name.empty())
        fail_usage(where, ": unknown key '", key, "', did you mean '", name, "' in section [",
                   section, "]?");
    }
  }
}

}  // namespace

void overlay(RunConfig& config, const nlohmann::json& values, const std::string& where) {
  if (!values.is_object()) fail_usage(where, ": got ", values.type_name(), ", wanted an object");
  nlohmann::json rest = values;
  const auto section = [&](const char* name, const auto& apply) {
    if (!rest.contains(name)) return;
    apply(rest.at(name), where + ": " + name);
    rest.erase(name);
  };
  if (rest.contains("recipe"))
    value_from_json(config.recipe, rest.at("recipe"), where + ": recipe");
  section("training", [&](const auto& json, const std::string& place) {
    from_json_strict(config.training, json, place);
  });
  section("transform", [&](const auto& json, const std::string& place) {
    from_json_strict(config.transform, json, place);
  });
  section("lora", [&](const auto& json, const std::string& place) {
    from_json_strict(config.lora, json, place);
  });
  section("augmentation", [&](const auto& json, const std::string& place) {
    from_json_strict(config.augmentation, json, place);
  });
  section("contrastive", [&](const auto& json, const std::string& place) {
    from_json_strict(config.contrastive, json, place);
  });
  section("model", [&](const auto& json, const std::string& place) {
    if (config.recipe == "clip")
      overlay_json<CLIPConfig>(config.model, json, place);
    else if (config.recipe == "classifier")
      overlay_json<PictureClassifierConfig>(config.model, json, place);
    else
      overlay_json<UNet2DConfig>(config.model, json, place);
  });
  section("scheduler", [&](const auto& json, const std::string& place) {
    overlay_json<DDPMConfig>(config.scheduler, json, place);
  });
  refuse_misplaced(rest, where);
  from_json_strict(config, rest, where);
}

RunConfig read_run_config(const std::filesystem::path& path) {
  RunConfig config;
  const std::vector<std::string> unknown = from_json(config, read_json(path), path.string());
  MEZZO_CHECK(unknown.empty(), path.string(), ": unknown key '", unknown.empty() ? "" : unknown[0],
              "'; was the run started by another version?");
  validate(config.training);
  return config;
}

}  // namespace mezzotint
