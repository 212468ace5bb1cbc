#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mezzotint/io/folder_lock.h"
#include "mezzotint/training/run_config.h"
#include "mezzotint/training/run_grid.h"

namespace mezzotint::cli {

/// The folder of a sweep: a run folder for each point of the grid, and sweep.json, which says what
/// is swept and what became of each, so that the same command goes on where it was stopped. While
/// the object lives no other process can have the folder.
class SweepFolder {
 public:
  struct Outcome {
    /// waiting, running, stopped, done, failed, or gone: it was done, and its folder was removed.
    std::string status = "waiting";
    std::string error;  ///< why it failed
  };

  /// Reads what is there, and writes nothing yet. @param base the settings that all runs share.
  /// @throws Error (kUsage) when the folder holds something else, or a sweep of settings that
  /// differ by more than what a run may change on the way (resume_settings.h); Error when another
  /// process is at work in it.
  SweepFolder(std::filesystem::path folder, const std::vector<GridAxis>& axes,
              const RunConfig& base);

  std::filesystem::path run(const GridPoint& point) const { return folder_ / point.name; }
  const std::filesystem::path& path() const { return folder_; }
  Outcome outcome(const GridPoint& point) const;
  /// Runs of earlier grids that `points` leave out and that are there, by their values; they have
  /// no settings.
  std::vector<GridPoint> others(const std::vector<GridPoint>& points) const;
  /// Writes sweep.json, and makes the folder for it.
  void set(const GridPoint& point, const Outcome& outcome);

 private:
  struct Run {
    std::vector<nlohmann::json> values;  ///< of the axes
    Outcome outcome;
  };

  void read();
  /// @throws Error when it isn't what set() writes.
  void read_run(const std::string& name, const nlohmann::json& run);
  [[noreturn]] void fail_damaged() const;

  std::filesystem::path folder_;
  std::optional<FolderLock> lock_;  ///< once the folder is there
  nlohmann::json axes_;             ///< their names
  nlohmann::json settings_;         ///< run_settings() of the base, without the axes
  std::map<std::string, Run> runs_;
};

}  // namespace mezzotint::cli
