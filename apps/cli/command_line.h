#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace mezzotint::cli {

/// The words of a command line, read as far as CLI11 leaves its messages unclear.
struct CommandLine {
  std::vector<std::string> args;  ///< options spelled as they were declared
  const CLI::App* verb;           ///< the innermost verb that was named
};

/// Finds the verb and spells its options as they were declared: `--image_size` is --image-size, and
/// the few that have another name elsewhere (--output, --batch-size, --size) are known everywhere.
/// @throws Error (kUsage) for the first verb or option that isn't known, option without its value,
/// or flag with a value that is none; unless help on a known verb is asked for.
CommandLine read_command_line(const CLI::App& app, std::vector<std::string> args);

/// The command as it can be pasted into a shell.
std::string shell_quoted(const std::vector<std::string>& words);

}  // namespace mezzotint::cli
