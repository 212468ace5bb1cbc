#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/models/lora_adapter.h"

namespace mezzotint {

/// An adapter as it was read from files.
struct LoraFile {
  LoraAdapter adapter;
  nlohmann::json config;       ///< peft's adapter_config.json; null where the file has none
  std::filesystem::path path;  ///< of the file of weights

  /// "8", or "4 to 16".
  std::string ranks() const;
  /// The model that it says it was made for; may be empty.
  std::string base_model() const;
};

/// Reads an adapter (LoRA) of a UNet2DModel:
///   a folder written by peft's save_pretrained or save_lora(): adapter_config.json and
///     adapter_model.safetensors, ranks and alphas by pattern and rsLoRA included;
///   pytorch_lora_weights.safetensors of diffusers, or a folder with it;
///   a run folder, whose adapter/ is read.
/// Of variants that aren't read (DoRA, LoHa, LoKr, ...) the name is said.
/// @throws Error naming the file and what is wrong with it.
LoraFile load_lora(const std::filesystem::path& path);

/// Writes adapter_config.json and adapter_model.safetensors so that peft's
/// PeftModel.from_pretrained(unet, folder) loads them; replaces `folder` in one step.
/// @param base_model what the adapter was made for: a path or a hub id; may be empty.
void save_lora(const LoraAdapter& adapter, const std::string& base_model,
               const std::filesystem::path& folder);

}  // namespace mezzotint
