#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/training/train_state.h"

namespace mezzotint {

/// Writes `folder`/update-NNNNNNNN (with "+K" behind it when K micro-batches of the next update are
/// done): written aside, its manifest with sizes and checksums last, renamed, read back and
/// compared; then all but the newest `keep` checkpoints are deleted. @throws Error when it can't be
/// written; the older checkpoints stay.
std::filesystem::path save_checkpoint(const std::filesystem::path& folder, const TrainState& state,
                                      int64_t keep);

/// Puts a checkpoint into a state made from the same configuration.
/// @throws Error naming the file and what is wrong with it.
void load_checkpoint(const std::filesystem::path& checkpoint, TrainState& state);

/// Where the run stood, without reading the rest. @throws Error naming the file.
Position checkpoint_position(const std::filesystem::path& checkpoint);

/// Compares every file with the manifest. @return what is wrong, one line, or "".
std::string checkpoint_damage(const std::filesystem::path& checkpoint);

/// All that lie in the folder, damaged or not, the newest first.
std::vector<std::filesystem::path> checkpoints_in(const std::filesystem::path& folder);

/// The newest undamaged checkpoint; damaged newer ones are named in `warnings`.
std::optional<std::filesystem::path> latest_checkpoint(const std::filesystem::path& folder,
                                                       std::vector<std::string>& warnings);

}  // namespace mezzotint
