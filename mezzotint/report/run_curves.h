#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mezzotint/report/plot.h"
#include "mezzotint/report/run_history.h"

namespace mezzotint {

/// One curve of a run.
struct RunCurve {
  std::string name;     ///< of its files: "loss", "learning-rate"
  std::string meaning;  ///< a sentence for who can't see it, or wonders what it shows
  Plot plot;
};

/// All curves that the run has records for: losses, losses by timestep, learning rate, gradient
/// norm, speed, memory, and one for each number that a recipe of its own logs.
std::vector<RunCurve> run_curves(const RunHistory& history);

/// Writes curves/NAME.svg and .png below the run folder, and loss.svg and loss.png in it. Nothing
/// is written where there is no loss yet. @throws Error naming the file.
void write_run_curves(const std::filesystem::path& run, const RunHistory& history);

}  // namespace mezzotint
