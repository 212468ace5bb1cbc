#pragma once

#include <filesystem>
#include <string>

#include "mezzotint/base/weights.h"

namespace mezzotint {

/// Reads the weights of a component as diffusers finds them in a folder: `<stem>.safetensors`, a
/// variant (`<stem>.fp16.safetensors`), shards with an index, else `.bin`. Tensors keep the file's
/// type.
/// @throws Error naming the folder and what it looked for.
Weights read_weights_folder(const std::filesystem::path& folder, const std::string& variant = "",
                            const std::string& stem = "diffusion_pytorch_model");

/// Writes `<stem>[.variant].safetensors`, in shards with an index beyond `max_shard_bytes`.
void write_weights_folder(const std::filesystem::path& folder, const Weights& weights,
                          const std::string& variant = "",
                          const std::string& stem = "diffusion_pytorch_model",
                          int64_t max_shard_bytes = 10'000'000'000);

/// Reads a file of weights: `.safetensors`, or what torch saved under any other name.
Weights read_weights_file(const std::filesystem::path& file);

/// Reads a `torch.save` file (zip or legacy pickle) of a flat state_dict; nothing in it is ever
/// run.
Weights read_torch_file(const std::filesystem::path& path);

}  // namespace mezzotint
