#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <c10/core/Device.h>

#include "mezzotint/models/clip_model.h"

namespace mezzotint {

/// What pictures go through before CLIPModel::image_embeds: resized and cropped to size x size,
/// then (x - mean) / std with x in [0, 1], channel by channel.
struct ClipPreprocessing {
  std::vector<double> mean = {0.48145466, 0.4578275, 0.40821073};  ///< OpenAI's
  std::vector<double> std = {0.26862954, 0.26130258, 0.27577711};
  int64_t size = 224;
};

/// Who cleans a text before it is split into tokens; the two differ on broken and unusual texts.
enum class ClipCleaning { kTransformers, kOpenClip };

/// What a tokenizer for the model is made from; a path is empty where there is no such file.
struct ClipTokenizerFiles {
  std::filesystem::path vocab;      ///< vocab.json
  std::filesystem::path merges;     ///< merges.txt
  std::filesystem::path tokenizer;  ///< tokenizer.json
  ClipCleaning cleaning = ClipCleaning::kTransformers;
};

/// A pretrained CLIP and what belongs to it.
struct Clip {
  std::shared_ptr<CLIPModel> model;
  ClipPreprocessing preprocessing;
  ClipTokenizerFiles tokenizer_files;
  std::vector<std::string> warnings;  ///< what was odd while loading, one line each
  std::filesystem::path path;         ///< where it was loaded from
};

struct ClipLoadOptions {
  std::string variant;             ///< "fp16", ...: which of several weight files
  c10::Device device = c10::kCPU;  ///< where the parameters shall lie
  /// "quick_gelu" or "gelu", whatever the files say; empty: what they say. A bare file doesn't: it
  /// is taken for quick_gelu if OpenAI's code wrote it, else for gelu.
  std::string hidden_act;
};

/// Loads a CLIP in any form that it is published in:
///   transformers' folder  config.json, model.safetensors or pytorch_model.bin, also sharded
///   open_clip's folder    open_clip_config.json, open_clip_model.safetensors or
///                         open_clip_pytorch_model.bin
///   a file                OpenAI's TorchScript archive, or a state_dict with open_clip's, OpenAI's
///                         or transformers' keys (.pt, .bin, .safetensors)
/// A folder of both forms is taken as transformers'. Nothing in a file is ever run.
/// @throws Error naming the file and what is wrong.
Clip load_clip(const std::filesystem::path& path, const ClipLoadOptions& options = {});

}  // namespace mezzotint
