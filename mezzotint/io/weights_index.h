#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mezzotint/base/weights.h"

namespace mezzotint {

/// Which shard of a sharded checkpoint holds which tensor: `weight_map` of
/// `<stem>.safetensors.index.json`.
struct WeightsIndex {
  std::map<std::string, std::string> shard_of;  ///< tensor -> name of a file beside the index

  /// The names of the shards, each once, sorted.
  std::vector<std::string> shards() const;
};

/// @throws Error naming the file and what is wrong; a shard that isn't a plain file name ("../x",
/// "a/b") is refused.
WeightsIndex read_weights_index(const std::filesystem::path& path);

/// Splits weights over shards of at most `max_bytes` in their order; a larger tensor gets a shard
/// of its own. What huggingface_hub's split_state_dict_into_shards_factory does.
std::vector<Weights> split_into_shards(const Weights& weights, int64_t max_bytes);

}  // namespace mezzotint
