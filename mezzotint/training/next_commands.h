#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mezzotint {

/// What can be done with a run, as commands for a shell: first what its model is for when the run
/// is done, else how it goes on; last the same training once more, into a new folder `again`.
std::vector<std::string> next_commands(const std::filesystem::path& run, const std::string& recipe,
                                       bool done);

/// The command that goes on with a run that hasn't come to its end.
std::string resume_command(const std::filesystem::path& run);

}  // namespace mezzotint
