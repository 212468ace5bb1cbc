#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/training/ema.h"
#include "mezzotint/training/run_config.h"

namespace mezzotint {

// What a run does differently that trains an adapter (config.lora) in place of its network.

/// Sets an adapter that changes nothing yet beside the network's weights, which stay as they are:
/// A as torch.Generator().manual_seed(stream_seed(seed, "lora")) draws it (models/lora_start.h).
/// The weights are read from the model again whenever the run goes on, so config.pipeline keeps
/// their hash ("base_sha256"). @throws Error when it has another.
void start_adapter(Pipeline& pipeline, RunConfig& config);

/// Writes the adapter as peft does into adapter/ beside `folder`, the average where there is one
/// and then the raw one into adapter_non_ema/, and the pipeline with the adapter in its weights
/// into `folder`.
/// @param base_model what the adapter was made for.
void save_adapted(const Pipeline& pipeline, const std::string& base_model,
                  const std::optional<Ema>& ema, const std::filesystem::path& folder);

/// "adapter: rank 8 in 40 layers, 0.21 million parameters learn; the network's don't"
std::string adapter_in_words(const LoraAdapter& adapter, const LoraConfig& config);

}  // namespace mezzotint
