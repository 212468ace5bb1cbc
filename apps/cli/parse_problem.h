#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace mezzotint::cli {

/// What is wrong with a command line that `app` refused, in one line with the nearest known name.
/// @param verb the innermost that was named.
std::string parse_problem(const CLI::App& app, const CLI::App& verb, const CLI::ParseError& error);

/// The same for a word that is no verb below `verb`, or no option of it.
std::string unknown_verb(const CLI::App& verb, const std::string& word);
std::string unknown_option(const CLI::App& verb, const std::string& word);

/// "; see mezzotint sample --help".
std::string see_help(const CLI::App& verb);

/// "a whole number", "a file": what an option takes.
std::string value_in_words(const CLI::Option& option);

}  // namespace mezzotint::cli
