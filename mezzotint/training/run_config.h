#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/data/loader.h"
#include "mezzotint/models/lora_config.h"
#include "mezzotint/training/augmentation_config.h"
#include "mezzotint/training/contrastive_config.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint {

/// All that decides a training run: what config.json of a run folder holds, and what a
/// configuration file may set.
struct RunConfig {
  std::string recipe = "diffusion";
  std::string data;
  std::string split = "train";
  std::string on_damaged = "error";
  std::string init;
  bool class_conditional = false;
  int64_t class_emb_size = 4;
  std::vector<std::string> class_names;
  TrainConfig training;
  TransformConfig transform;
  LoraConfig lora;
  AugmentationConfig augmentation;
  ContrastiveConfig contrastive;
  nlohmann::json model = nlohmann::json::object();
  nlohmann::json scheduler = nlohmann::json::object();
  nlohmann::json pipeline = nlohmann::json::object();
  int64_t pictures = 0;
  std::string command_line;

  void fields(auto& f) {
    f("recipe", recipe, "what is trained: a Recipe's name");
    f("data", data, "a folder of pictures, idx files, or a known name");
    f("split", split, "which part of the data");
    f("on_damaged", on_damaged, "what to do about a damaged picture", {"error", "skip"});
    f("init", init, "pretrained pipeline to start from; none: from random weights");
    f("class_conditional", class_conditional, "learn the data's classes, as extra input planes");
    f("class_emb_size", class_emb_size, "planes of a class");
    f("class_names", class_names, "names of the classes; the data's, unless given");
    f("training", training, "the recipe");
    f("transform", transform, "what happens to each picture");
    f("lora", lora, "an adapter that is trained in place of the network");
    f("augmentation", augmentation, "how pictures are changed for a CLIP or a classifier");
    f("contrastive", contrastive, "how a CLIP learns");
    f("model", model, "the configuration of UNet2DModel, CLIPModel or PictureClassifier");
    f("scheduler", scheduler, "DDPMScheduler's configuration");
    f("pipeline", pipeline,
      "class and index of the pipeline that is trained; filled in when a run starts");
    f("pictures", pictures, "how many the data has; filled in when a run starts");
    f("command_line", command_line, "what the run was started with");
  }
};

/// Sets what `values` has, section by section, and keeps the rest; values come from a preset, a
/// file or the command line. @throws Error (kUsage) naming `where`, for an unknown key (with the
/// nearest known one) or a wrong value.
void overlay(RunConfig& config, const nlohmann::json& values, const std::string& where);

/// Reads config.json of a run folder. @throws Error naming the file and the key.
RunConfig read_run_config(const std::filesystem::path& path);

}  // namespace mezzotint
