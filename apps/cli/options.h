#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

// Options as verbs declare them. What is wrong with a value is said in our words, naming the option
// as it stands first in `names`; the kind of value (type_name) and the words it can be are part of
// the declaration, and --help and the completion scripts read them there:
//
//   INT, NUMBER, TEXT, LIST, SIZE, NAME   words, which can't be guessed unless they were offered
//   FILE, OUT, DIR                        a path
//   MODEL, DATA                           a path or a known name
namespace mezzotint::cli {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

/// A whole number from `least` to `most`; out of these is a usage error while parsing.
CLI::Option* add_whole_number(CLI::App& app, const std::string& names, int64_t& value,
                              int64_t least, const std::string& help, int64_t most = kNoLimit);
CLI::Option* add_whole_number(CLI::App& app, const std::string& names,
                              std::function<void(int64_t)> take, int64_t least,
                              const std::string& help, int64_t most = kNoLimit);

/// A number that is finite.
CLI::Option* add_number(CLI::App& app, const std::string& names, double& value,
                        const std::string& help);

/// A word or a path of the given kind.
CLI::Option* add_text(CLI::App& app, const std::string& names, std::string& value,
                      const std::string& help, const std::string& kind = "TEXT");

/// The words that the option's value can be. They are offered by completion; whether others are
/// refused is up to whoever reads the value.
CLI::Option* offer(CLI::Option* option, const std::vector<std::string>& words);

/// The same, and any other word is a usage error that names the nearest.
CLI::Option* offer_only(CLI::Option* option, const std::vector<std::string>& words);

/// What offer() was given, and the kind of value without it.
std::vector<std::string> offered(const CLI::Option& option);
std::string kind_of(const CLI::Option& option);

/// What --help says of DATA.
constexpr const char* kDataHelp =
    "a folder of pictures, idx files, or a known name such as fashion-mnist";

/// The schedulers' short names, offered.
CLI::Option* offer_schedulers(CLI::Option* option);

/// "--steps", "-o": the first of the option's names as they were declared; MODEL of a positional.
std::string first_name(const std::string& names);

}  // namespace mezzotint::cli
