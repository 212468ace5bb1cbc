#pragma once

#include <filesystem>
#include <optional>

#include <nlohmann/json.hpp>

namespace mezzotint {

/// Where a run is to part from another one, and how it is to differ.
struct Branch {
  std::filesystem::path from;     ///< a run folder; it stays as it is, and may be at work
  std::filesystem::path into;     ///< new or empty
  std::optional<int64_t> update;  ///< the checkpoint to begin at; the newest unless given
  nlohmann::json changes = nlohmann::json::object();  ///< fields of TrainConfig
  std::string command_line;                           ///< for the new config.json
};

/// Makes a run folder that goes on (resume_run()) from a checkpoint of another run, with its past:
/// records and samples up to there. @return the checkpoint's copy. @throws Error when the run has
/// no such checkpoint, naming those that it has, when it is damaged, when a change is none, or when
/// nothing is left to do.
std::filesystem::path branch_run(const Branch& branch);

}  // namespace mezzotint
