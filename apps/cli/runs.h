#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "mezzotint/training/run_entry.h"

#include "apps/cli/subcommand.h"

namespace mezzotint::cli {

/// The parts of `mezzotint runs`: each declares its options and returns what runs it.
std::function<void(Context&)> declare_runs_list(CLI::App& app);
std::function<void(Context&)> declare_runs_show(CLI::App& app);
std::function<void(Context&)> declare_runs_compare(CLI::App& app);
std::function<void(Context&)> declare_runs_scan(CLI::App& app);
std::function<void(Context&)> declare_runs_forget(CLI::App& app);

/// The file of the index. @throws Error when there is no place for one.
std::filesystem::path runs_file();

/// All runs that the index knows; none where there is no index yet.
std::vector<RunEntry> known_runs();

/// The run that is meant by its number, its folder, or the name of its folder; a run folder that
/// the index doesn't know is read. @throws Error that names the nearest, or says which there are.
RunEntry find_run(const std::vector<RunEntry>& known, const std::string& name);

constexpr const char* kRunHelp = "a run: its number, its folder, or the folder's name";

}  // namespace mezzotint::cli
