#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <c10/core/Device.h>

#include <nlohmann/json.hpp>

#include "mezzotint/base/tensor.h"
#include "mezzotint/models/unet_2d.h"
#include "mezzotint/pipelines/model_search.h"
#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {

/// A pretrained pipeline: a network, the configuration of its scheduler, and what model_index.json
/// says of them.
struct Pipeline {
  std::string class_name = "DDPMPipeline";
  std::shared_ptr<UNet2DModel> unet;
  nlohmann::json scheduler_config;  ///< as in scheduler_config.json, `_class_name` included
  /// Class-conditional pipelines, in the course's way: [classes, class_emb_size] float32; each
  /// label's row becomes that many constant planes that are concatenated to the image. Undefined in
  /// unconditional pipelines, and where the network has a class embedding of its own.
  Tensor class_emb;
  bool null_class = false;               ///< the last row of class_emb stands for no class
  std::vector<std::string> class_names;  ///< empty, or one for each class
  nlohmann::json model_index;  ///< model_index.json as it was read; unknown keys are saved again
  std::vector<std::string> warnings;  ///< what was odd while loading, one line each
  std::filesystem::path path;         ///< where it was loaded from; empty when made here

  /// Channels of a picture: the network's input less the label planes.
  int64_t image_channels() const;
  bool class_conditional() const { return class_emb.defined(); }
  /// Number of classes that a label can name: the rows of class_emb less that of no class, or the
  /// network's own class embedding (num_class_embeds); 0 when the pipeline takes no labels.
  int64_t class_count() const;
  /// The label that stands for no class, for classifier-free guidance; -1 where there is none.
  int64_t null_label() const { return null_class ? class_emb.size(0) - 1 : -1; }
  /// The callable for these labels ([B], int64); labels must be undefined exactly when the pipeline
  /// takes none. The callable keeps the network alive, and is differentiable in the network's
  /// parameters and in class_emb.
  Predict predict(const Tensor& labels_b = {}) const;
  /// Class of the scheduler that the pipeline samples with: the configuration's, except that
  /// DDIMPipeline and PNDMPipeline always take their own (as their constructors in diffusers
  /// convert any scheduler).
  std::string own_scheduler() const;
  /// Steps that a run takes when nobody says: all training timesteps for DDPM (its chain is defined
  /// on them), else 50, as diffusers' DDPMPipeline and DDIMPipeline do it; never more than the
  /// configuration has training timesteps. @param scheduler as in scheduler().
  int64_t default_steps(const std::string& scheduler = "") const;
  /// The plan of a sampling run. @param name a class name or a short one ("ddim"); empty: the
  /// pipeline's own scheduler. @param steps 0: default_steps().
  /// @throws Error for an unknown name, and for a configuration that the scheduler can't follow.
  SchedulerPtr scheduler(const std::string& name = "", int64_t steps = 0,
                         const StepOptions& options = {}) const;
};

struct LoadOptions {
  std::string variant;             ///< "fp16", "ema", ...: which of several weight files
  c10::Device device = c10::kCPU;  ///< where the parameters shall lie
};

/// Loads a folder written by diffusers, foldered or flat, or by save_pipeline; a bare UNet2DModel
/// folder; or a file with the state_dict of the course's ClassConditionedUnet.
/// @throws Error naming the file and what is wrong; code in a pipeline is never run, custom classes
/// are refused.
Pipeline load_pipeline(const std::filesystem::path& folder, const LoadOptions& options = {});

/// Writes model_index.json, unet/, scheduler/ (and class_emb/) so that diffusers loads them;
/// replaces `folder` in one step. An adapter of the network is merged into the weights.
void save_pipeline(const Pipeline& pipeline, const std::filesystem::path& folder);

}  // namespace mezzotint
