#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mezzotint {

// model_index.json names the pipeline's class and, for each component, the library and class that
// load it:
//
//   { "_class_name": "DDPMPipeline", "_diffusers_version": "0.42.1",
//     "scheduler": ["diffusers", "DDPMScheduler"], "unet": ["diffusers", "UNet2DModel"] }
//
// [null, null] is an absent component. Other keys that begin with '_' are kept and not read.

/// Which parts a pipeline folder has, after the checks.
struct PipelineParts {
  std::string class_name = "DDPMPipeline";
  bool scheduler = true;
  bool class_emb = false;
  std::vector<std::string> warnings;
};

/// Reads what model_index.json says. @param where the file, for messages.
/// @throws Error for custom code, a pipeline class or a component that isn't supported, or a
/// missing network.
PipelineParts parse_model_index(const nlohmann::json& index, const std::string& where);

/// The folder of a component: `<root>/<name>` where that is a folder, else the root itself (flat
/// repositories).
std::filesystem::path component_folder(const std::filesystem::path& root, const std::string& name);

}  // namespace mezzotint
