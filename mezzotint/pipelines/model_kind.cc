#include "mezzotint/pipelines/model_kind.h"

#include "mezzotint/io/files.h"
#include "mezzotint/io/weights_folder.h"
#include "mezzotint/models/clip_keys.h"
#include "mezzotint/pipelines/classifier_folder.h"

namespace mezzotint {
namespace fs = std::filesystem;

namespace {

ModelKind kind_of_weights(const Weights& weights) {
  for (const auto& [key, tensor] : weights)
    if (key.find(".lora_") != std::string::npos || key.find("lora.down") != std::string::npos)
      return ModelKind::kLora;
  return rename_clip_weights(weights).contains("logit_scale") ? ModelKind::kClip
                                                              : ModelKind::kDiffusion;
}

}  // namespace

ModelKind model_kind(const fs::path& path) {
  if (!fs::is_directory(path)) return kind_of_weights(read_weights_file(path));
  if (fs::exists(path / "model_index.json")) return ModelKind::kDiffusion;
  if (fs::exists(path / "open_clip_config.json")) return ModelKind::kClip;
  for (const char* name :
       {"adapter_config.json", "pytorch_lora_weights.safetensors", "pytorch_lora_weights.bin"})
    if (fs::exists(path / name)) return ModelKind::kLora;
  const fs::path file = path / "config.json";
  if (!fs::exists(file)) return ModelKind::kDiffusion;
  const nlohmann::json config = read_json(file);
  if (!config.is_object()) return ModelKind::kDiffusion;
  if (config.value("model_type", nlohmann::json()) == "clip") return ModelKind::kClip;
  return config.value("_class_name", nlohmann::json()) == kClassifierClass ? ModelKind::kClassifier
                                                                           : ModelKind::kDiffusion;
}

}  // namespace mezzotint
