#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>

#include "apps/cli/console.h"

namespace mezzotint::cli {

/// What every verb shares.
struct GlobalOptions {
  std::string device = "auto";
  int threads = 0;  ///< 0: all cores
  uint64_t seed = 0;
  bool seed_given = false;
  bool quiet = false;
  bool verbose = false;
  bool no_color = false;
  bool json = false;
};

struct Context {
  GlobalOptions global;
  Console console;
};

/// One verb of the command: a file defines `add(app)`, which declares its options and returns what runs it, and registers
/// it with `const Registered<Verb> kSample("sample", {...});`.
struct Verb {
  std::string summary;  ///< one line for --help
  /// Declares the options on `app` and returns what runs the verb. The exit code is 0 when it returns.
  std::function<std::function<void(Context&)>(CLI::App& app)> declare;
};

}  // namespace mezzotint::cli
