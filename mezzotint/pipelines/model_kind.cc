#include "mezzotint/pipelines/model_kind.h"

#include "mezzotint/io/files.h"
#include "mezzotint/io/weights_folder.h"
#include "mezzotint/models/clip_keys.h"
#include "mezzotint/pipelines/classifier_folder.h"

namespace mezzotint {
namespace fs = std::filesystem;

ModelKind model_kind(const fs::path& path) {
  if (!fs::is_directory(path))
    return rename_clip_weights(read_weights_file(path)).contains("logit_scale")
               ? ModelKind::kClip
               : ModelKind::kDiffusion;
  if (fs::exists(path / "model_index.json")) return ModelKind::kDiffusion;
  if (fs::exists(path / "open_clip_config.json")) return ModelKind::kClip;
  const fs::path file = path / "config.json";
  if (!fs::exists(file)) return ModelKind::kDiffusion;
  const nlohmann::json config = read_json(file);
  if (!config.is_object()) return ModelKind::kDiffusion;
  if (config.value("model_type", nlohmann::json()) == "clip") return ModelKind::kClip;
  return config.value("_class_name", nlohmann::json()) == kClassifierClass ? ModelKind::kClassifier
                                                                           : ModelKind::kDiffusion;
}

}  // namespace mezzotint
