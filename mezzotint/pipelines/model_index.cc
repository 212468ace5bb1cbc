#include "mezzotint/pipelines/model_index.h"

#include <algorithm>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"

namespace mezzotint {
namespace {

using nlohmann::json;

// diffusers called the network UNetUnconditionalModel before 0.2.
const std::vector<std::string> kNetworks = {"UNet2DModel", "UNetUnconditionalModel"};
const std::vector<std::string> kPipelines = {"DDPMPipeline", "DDIMPipeline", "PNDMPipeline",
                                             "ScoreSdeVePipeline", "ClassConditionedDDPMPipeline"};

bool absent(const json& component) {
  return component.is_null() ||
         (component.is_array() &&
          std::ranges::all_of(component, [](const json& part) { return part.is_null(); }));
}

/// [library, class]; refuses what would load code of the repository.
std::string component_class(const json& component, const std::string& library,
                            const std::string& where) {
  if (!component.is_array() || component.size() != 2 || !component[0].is_string() ||
      !component[1].is_string())
    fail(where, ": got ", component.dump().substr(0, 80), ", wanted [\"", library, "\", class]");
  if (component[0] != library)
    fail(where, ": is loaded by '", component[0].get<std::string>(),
         "', custom code is never run; wanted ", library);
  return component[1];
}

std::string pipeline_class(const json& index, const std::string& where) {
  const auto found = index.find("_class_name");
  if (found == index.end()) fail(where, ": has no _class_name, so it is not a diffusers pipeline");
  if (found->is_array())
    fail(where, ": _class_name is ", found->dump().substr(0, 80),
         ": a pipeline of custom code, which is never run");
  if (!found->is_string())
    fail(where, ": _class_name: got ", found->dump().substr(0, 80), ", wanted a text");
  const std::string name = *found;
  if (std::ranges::find(kPipelines, name) == kPipelines.end())
    fail(where, ": pipeline class ", name.substr(0, 80),
         " is not supported; supported: ", joined(kPipelines));
  return name;
}

}  // namespace

PipelineParts parse_model_index(const json& index, const std::string& where) {
  if (!index.is_object()) fail(where, ": got ", index.dump().substr(0, 80), ", wanted an object");
  PipelineParts parts{.class_name = pipeline_class(index, where), .scheduler = false};
  bool network = false;
  for (const auto& [key, component] : index.items()) {
    if (key.starts_with("_") || absent(component)) continue;
    const std::string place = concat(where, ": ", key);
    if (key == "unet") {
      const std::string name = component_class(component, "diffusers", place);
      if (std::ranges::find(kNetworks, name) == kNetworks.end())
        fail(place, ": network class ", name.substr(0, 80),
             " is not supported; supported: UNet2DModel");
      network = true;
    } else if (key == "scheduler") {
      component_class(component, "diffusers", place);
      parts.scheduler = true;
    } else if (key == "class_emb") {
      const std::string name = component_class(component, "mezzotint", place);
      if (name != "ClassEmbedding")
        fail(place, ": got class ", name.substr(0, 80), ", wanted ClassEmbedding");
      parts.class_emb = true;
    } else {
      parts.warnings.push_back(place +
                               ": unknown component, kept in the configuration and not used");
    }
  }
  if (!network) fail(where, ": names no unet: nothing to sample with");
  if (parts.class_emb != (parts.class_name == "ClassConditionedDDPMPipeline"))
    fail(where, ": ", parts.class_name,
         parts.class_emb ? " takes no class_emb" : " names no class_emb");
  return parts;
}

std::filesystem::path component_folder(const std::filesystem::path& root, const std::string& name) {
  return std::filesystem::is_directory(root / name) ? root / name : root;
}

}  // namespace mezzotint
