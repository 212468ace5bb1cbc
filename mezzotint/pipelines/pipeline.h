#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "mezzotint/base/tensor.h"
#include "mezzotint/models/unet_2d.h"

namespace mezzotint {

/// A pretrained pipeline: a network, the configuration of its scheduler, and what model_index.json says of them.
struct Pipeline {
  std::string class_name = "DDPMPipeline";
  std::shared_ptr<UNet2DModel> unet;
  nlohmann::json scheduler_config;  ///< as in scheduler_config.json, `_class_name` included
  /// Class-conditional pipelines (course row 49): [num_classes, class_emb_size]; each label's row becomes that many
  /// constant planes that are concatenated to the image. Undefined in unconditional pipelines.
  Tensor class_emb;
  std::vector<std::string> warnings;  ///< what was odd while loading, one line each
  std::filesystem::path path;         ///< where it was loaded from; empty when made here

  int64_t image_channels() const;  ///< channels of a picture: the network's input less the label planes
  bool class_conditional() const { return class_emb.defined(); }
  /// The callable for these labels ([B], int64); labels must be undefined exactly when the pipeline takes none.
  Predict predict(const Tensor& labels_b = {}) const;
};

struct LoadOptions {
  std::string variant;  ///< "fp16", "ema", ...: which of several weight files
};

/// MODEL of the command line -> a folder: an existing directory, a starter model's name, or a hub id that is in the
/// hub's local cache. @throws Error saying where it looked and what is the nearest name.
std::filesystem::path find_model(const std::string& model);

/// Loads a folder written by diffusers, foldered or flat, or by save_pipeline.
/// @throws Error naming the file and what is wrong; code in a pipeline is never run, custom classes are refused.
Pipeline load_pipeline(const std::filesystem::path& folder, const LoadOptions& options = {});

/// Writes model_index.json, unet/, scheduler/ (and class_emb/) so that diffusers loads them; replaces `folder` in one
/// step.
void save_pipeline(const Pipeline& pipeline, const std::filesystem::path& folder);

}  // namespace mezzotint
