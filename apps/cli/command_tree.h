#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

// The tree of verbs and options that CLI11 was given, as help, error messages and completion
// scripts read it.
namespace mezzotint::cli {

/// The verbs below `app`, in the order in which they were declared.
std::vector<const CLI::App*> verbs_of(const CLI::App& app);
std::vector<std::string> verb_names(const CLI::App& app);

/// Options (without positionals) and positionals of `app` itself.
std::vector<const CLI::Option*> options_of(const CLI::App& app);
std::vector<const CLI::Option*> positionals_of(const CLI::App& app);

/// "-o", "--out": all names of an option that isn't positional, short ones first.
std::vector<std::string> names_of(const CLI::Option& option);

/// Whether a word follows the option: false for flags.
bool takes_value(const CLI::Option& option);

/// Whether an argument takes any number of words.
bool repeats(const CLI::Option& option);

/// The verb that `app` is nested in, whose options it takes as well; null for others, since each
/// verb has the options of the command itself.
const CLI::App* verb_above(const CLI::App& app);

/// The option called `name` ("--steps", "-n") in `app` or above it; null when there is none.
const CLI::Option* find_option(const CLI::App& app, const std::string& name);

/// Names of all options that can be given at `app`: its own and those of the verbs above it.
std::vector<std::string> known_names(const CLI::App& app);

/// "data preview": the verbs that lead to `app`; "" for the command itself.
std::string path_of(const CLI::App& app);

/// The command itself.
const CLI::App& root_of(const CLI::App& app);

}  // namespace mezzotint::cli
