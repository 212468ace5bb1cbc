#pragma once

#include <filesystem>
#include <functional>

#include "mezzotint/training/run.h"

#include "apps/cli/subcommand.h"

namespace mezzotint::cli {

/// Runs `work`, which calls start_run() or resume_run() with the hooks that it is given, and keeps
/// the row of that run in the user's index (run_index_place.h): running with its progress, then
/// done, stopped or failed. What is wrong with the index is a warning, and the training goes on.
/// @param hooks what the caller wants of the run besides.
RunResult indexed_run(const Context& context, const std::filesystem::path& folder, RunHooks hooks,
                      const std::function<RunResult(const RunHooks& hooks)>& work);

}  // namespace mezzotint::cli
