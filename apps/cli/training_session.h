#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <c10/core/Device.h>

#include "mezzotint/training/run.h"

#include "apps/cli/subcommand.h"

namespace mezzotint::cli {

/// How much of a run is said; kBriefly: plan and epochs with --verbose only, as for those of a
/// sweep.
enum class Told { kWhole, kBriefly };

struct WatchedRun {
  RunResult result;
  std::optional<RunForecast> forecast;  ///< what was said beforehand
};

/// Runs what a person watches: the plan is said first, then progress and what was written; the page
/// of the run is kept (report/live_report.h), which says in the end whether it is done, was stopped
/// or failed, and its row in the index of runs (indexed_run.h).
/// @param label "fine-tuning", "training": of the progress bar.
/// @param run starts the run with these hooks or goes on with it.
WatchedRun watched(Context& context, const std::string& label, const std::filesystem::path& folder,
                   const std::function<RunResult(const RunHooks& hooks)>& run,
                   Told told = Told::kWhole);

/// Says where things are; with --json prints the document mezzotint/train/1.
void report(const Context& context, const std::filesystem::path& folder, const WatchedRun& run);

/// Says what a run with this configuration would be, and its forecast, without writing anything;
/// with --json prints the document mezzotint/plan/1.
void say_plan(const Context& context, const RunConfig& config);

/// What prepare_device does, for training. @returns the CPU; @throws Error (kUsage) when another
/// device was asked for by name.
c10::Device prepare_training_device(const GlobalOptions& options);

}  // namespace mezzotint::cli
