#include <filesystem>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/weights_folder.h"
#include "mezzotint/pipelines/class_emb.h"
#include "mezzotint/pipelines/pipeline.h"

namespace mezzotint {
namespace fs = std::filesystem;

namespace {

using nlohmann::json;

/// The release of diffusers whose formats these files follow, for pipelines that don't come from a
/// file.
const char* const kDiffusersVersion = "0.42.1";

json with_version(json config) {
  if (!config.contains("_diffusers_version")) config["_diffusers_version"] = kDiffusersVersion;
  return config;
}

json model_index(const Pipeline& pipeline) {
  json index = pipeline.model_index.is_object() ? pipeline.model_index : json::object();
  index["_class_name"] = pipeline.class_name;
  index["unet"] = {"diffusers", "UNet2DModel"};
  index["scheduler"] = {"diffusers",
                        pipeline.scheduler_config.value("_class_name", "DDPMScheduler")};
  index.erase("class_emb");
  if (pipeline.class_conditional()) index["class_emb"] = {"mezzotint", "ClassEmbedding"};
  return with_version(index);
}

Weights on_cpu(const Weights& weights) {
  Weights all;
  for (const auto& [key, tensor] : weights) all.set(key, tensor.detach().cpu());
  return all;
}

void write_pipeline(const Pipeline& pipeline, const fs::path& root) {
  for (const char* name : {"unet", "scheduler"}) fs::create_directories(root / name);
  write_json(root / "model_index.json", model_index(pipeline));
  write_json(root / "scheduler/scheduler_config.json", with_version(pipeline.scheduler_config));
  json config = with_version(pipeline.unet->config());
  config["_class_name"] = "UNet2DModel";
  write_json(root / "unet/config.json", config);
  const UNet2DModel& unet = *pipeline.unet;
  write_weights_folder(root / "unet", on_cpu(merged_weights(unet.parameters(), unet.adapter())));
  if (!pipeline.class_conditional()) return;
  fs::create_directories(root / "class_emb");
  save_class_emb({pipeline.class_emb, pipeline.class_names, pipeline.null_class},
                 root / "class_emb");
}

}  // namespace

void save_pipeline(const Pipeline& pipeline, const fs::path& folder) {
  MEZZO_CHECK(pipeline.unet, "save_pipeline: the pipeline has no network");
  MEZZO_CHECK(
      pipeline.class_conditional() == (pipeline.class_name == "ClassConditionedDDPMPipeline"),
      "save_pipeline: class ", pipeline.class_name, " doesn't fit a pipeline ",
      pipeline.class_conditional() ? "with" : "without", " class_emb");
  write_folder_atomic(folder, [&](const fs::path& scratch) { write_pipeline(pipeline, scratch); });
}

}  // namespace mezzotint
