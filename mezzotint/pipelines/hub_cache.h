#pragma once

#include <filesystem>
#include <string>

namespace mezzotint {

// The local cache of the Hugging Face hub, read only:
//   <cache>/models--org--name/refs/main                what commit "main" was when it was fetched
//   <cache>/models--org--name/snapshots/<commit>/...   the files (links to ../../blobs/<hash>)

/// $HF_HUB_CACHE, $HUGGINGFACE_HUB_CACHE, $HF_HOME/hub, $XDG_CACHE_HOME/huggingface/hub,
/// ~/.cache/huggingface/hub. Empty when none of these variables nor $HOME is set. It need not
/// exist.
std::filesystem::path hub_cache_folder();

/// "name", "org/name" or either with "@revision": letters, digits, '.', '_', '-', no ".." or "--".
bool is_hub_id(const std::string& id);

/// "models--org--name" -> "org/name"; "" for anything else.
std::string hub_id_of_folder(const std::string& folder_name);

/// The snapshot of `id` in this cache; empty when the cache has no such model.
/// @throws Error when the model is there but not the revision.
std::filesystem::path cached_snapshot(const std::filesystem::path& cache, const std::string& id);

}  // namespace mezzotint
