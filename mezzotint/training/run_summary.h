#pragma once

#include <filesystem>
#include <vector>

#include "mezzotint/training/run_entry.h"
#include "mezzotint/training/run_progress.h"

namespace mezzotint {

/// The entry of a run, read off its folder: "done" when the trained model is there and the records
/// go to the end that the settings have, else "stopped".
/// An unfinished last line of its records is passed over.
/// @throws Error when it is no run folder, or naming the file that is damaged.
RunEntry summarize_run(const std::filesystem::path& folder);

/// The records of a run so far. @throws Error naming the line that is damaged.
RunProgress read_progress(const std::filesystem::path& folder);

/// Whether it has a configuration and records, as every run folder has from its start.
bool is_run_folder(const std::filesystem::path& folder);

/// Run folders in `folder` and below it, sorted; symbolic links and what can't be read are passed
/// over. A run folder isn't searched for others.
std::vector<std::filesystem::path> find_run_folders(const std::filesystem::path& folder);

/// The form in which folders are compared: absolute, links followed.
std::string folder_key(const std::filesystem::path& folder);

}  // namespace mezzotint
