#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace mezzotint::cli {

/// The arguments with `--image_size` spelled as the option that exists, --image-size. Options that
/// are declared with an underscore, and values, stay as they are.
std::vector<std::string> with_dashes(const CLI::App& app, std::vector<std::string> args);

/// What is wrong with a command line that `app` refused, in one line with the nearest known name.
std::string parse_problem(const CLI::App& app, const CLI::ParseError& error);

/// The command as it can be pasted into a shell.
std::string shell_quoted(const std::vector<std::string>& words);

}  // namespace mezzotint::cli
