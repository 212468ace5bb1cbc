#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mezzotint {

/// Where a model's name is looked up.
struct ModelSearch {
  /// Searched in this order; each holds a folder for every starter model.
  std::vector<std::filesystem::path> starter_folders;
  std::filesystem::path hub_cache;  ///< the Hugging Face hub's cache; empty: none

  /// Starter models: $MEZZOTINT_MODELS_DIR, then share/mezzotint/models beside the running
  /// program's bin/, then `more`. Hub cache: hub_cache_folder().
  static ModelSearch from_environment(const std::vector<std::filesystem::path>& more = {});

  std::vector<std::string> starter_models() const;  ///< names, sorted
  std::vector<std::string> cached_models() const;   ///< ids ("org/name") in the hub cache, sorted
};

/// MODEL of the command line -> a folder: an existing directory (or file), a starter model's name,
/// or a hub id ("org/name" or "org/name@revision") that is in the hub's local cache. The folder of
/// a training run means the model in it: RUN/model. Never touches the network.
/// @throws Error saying where it looked and what is the nearest name, or that a run has no model
/// yet.
std::filesystem::path find_model(const std::string& model, const ModelSearch& search);
std::filesystem::path find_model(const std::string& model);  ///< in ModelSearch::from_environment()

}  // namespace mezzotint
