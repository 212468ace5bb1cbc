#include <algorithm>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/weights_folder.h"
#include "mezzotint/pipelines/class_emb.h"
#include "mezzotint/pipelines/course_import.h"
#include "mezzotint/pipelines/model_index.h"
#include "mezzotint/pipelines/model_kind.h"
#include "mezzotint/pipelines/pipeline.h"

namespace mezzotint {
namespace fs = std::filesystem;

namespace {

using nlohmann::json;

Weights on_device(const Weights& weights, c10::Device device) {
  if (device.is_cpu()) return weights;
  Weights moved;
  for (const auto& [key, tensor] : weights) moved.set(key, tensor.to(device));
  return moved;
}

json read_object(const fs::path& file) {
  json object = read_json(file);
  if (!object.is_object())
    fail(file.string(), ": got ", object.dump().substr(0, 80), ", wanted an object");
  return object;
}

std::shared_ptr<UNet2DModel> load_unet(const fs::path& folder, const LoadOptions& options,
                                       Pipeline& pipeline) {
  const fs::path file = folder / "config.json";
  const json config = read_object(file);
  const Weights weights = on_device(read_weights_folder(folder, options.variant), options.device);
  auto unet = std::make_shared<UNet2DModel>(config, weights);
  for (const std::string& key : unet->unknown_keys())
    pipeline.warnings.push_back(file.string() + ": unknown key '" + key +
                                "' is kept and has no effect");
  return unet;
}

/// scheduler_config.json of the component's folder or of the root; DDPM's defaults when there is
/// none.
json load_scheduler_config(const fs::path& root, bool wanted, Pipeline& pipeline) {
  const fs::path file = component_folder(root, "scheduler") / "scheduler_config.json";
  if (!fs::exists(file)) {
    if (wanted)
      fail(root.string(), ": model_index.json names a scheduler, but ", file.string(),
           " is missing");
    pipeline.warnings.push_back(root.string() +
                                ": has no scheduler; taking DDPMScheduler with its defaults");
    return {{"_class_name", "DDPMScheduler"}};
  }
  json config = read_object(file);
  if (!config.contains("_class_name") || !config["_class_name"].is_string())
    fail(file.string(), ": _class_name: got ",
         config.value("_class_name", json()).dump().substr(0, 80),
         ", wanted the scheduler's class");
  return config;
}

void add_class_emb(const fs::path& root, const LoadOptions& options, Pipeline& pipeline) {
  ClassEmb class_emb = load_class_emb(root / "class_emb", options.variant);
  pipeline.class_emb = class_emb.weight.to(options.device);
  pipeline.class_names = std::move(class_emb.class_names);
  pipeline.null_class = class_emb.null_class;
  MEZZO_CHECK(pipeline.image_channels() > 0, (root / "class_emb").string(), ": adds ",
              counted(pipeline.class_emb.size(1), "plane"),
              " to the picture, but the network takes ",
              counted(pipeline.unet->in_channels(), "channel"), " in all");
}

[[noreturn]] void fail_no_pipeline(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (const auto ending = entry.path().extension();
        ending == ".ckpt" || ending == ".pth" || ending == ".pt")
      fail(folder.string(), ": has neither model_index.json nor config.json, only ",
           entry.path().filename().string(),
           ", which names no architecture; wanted a diffusers folder");
  fail(folder.string(),
       ": has neither model_index.json nor config.json; wanted a folder written by diffusers or by "
       "mezzotint");
}

/// A file rather than a folder: a state_dict that the course's notebook saved.
Pipeline load_file(const fs::path& file, const LoadOptions& options) {
  const Weights weights = read_weights_file(file);
  if (!is_course_state_dict(weights))
    fail(
        file.string(),
        ": is a file without a configuration; wanted a pipeline's folder, or the state_dict of the "
        "course's ClassConditionedUnet");
  return import_course_state_dict(on_device(weights, options.device), file);
}

}  // namespace

Pipeline load_pipeline(const fs::path& folder, const LoadOptions& options) {
  MEZZO_CHECK(fs::exists(folder), folder.string(), ": no such folder");
  if (!fs::is_directory(folder)) return load_file(folder, options);
  if (const ModelKind kind = model_kind(folder); kind == ModelKind::kLora)
    fail(folder.string(),
         ": is an adapter, which makes no pictures alone; give it by --lora beside "
         "the model that it was made for");
  else if (kind != ModelKind::kDiffusion)
    fail(folder.string(), ": is a ", kind == ModelKind::kClip ? "CLIP" : "classifier",
         ", which makes no pictures; it judges them in `mezzotint guide`");
  Pipeline pipeline;
  pipeline.path = folder;
  PipelineParts parts{.scheduler = false};
  const fs::path index = folder / "model_index.json";
  if (fs::exists(index)) {
    pipeline.model_index = read_json(index);
    parts = parse_model_index(pipeline.model_index, index.string());
  } else if (!fs::exists(component_folder(folder, "unet") / "config.json")) {
    fail_no_pipeline(folder);
  }
  pipeline.class_name = parts.class_name;
  pipeline.warnings = parts.warnings;
  pipeline.unet = load_unet(component_folder(folder, "unet"), options, pipeline);
  pipeline.scheduler_config = load_scheduler_config(folder, parts.scheduler, pipeline);
  if (parts.class_emb) add_class_emb(folder, options, pipeline);
  return pipeline;
}

}  // namespace mezzotint
