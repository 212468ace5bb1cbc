#pragma once

#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "mezzotint/base/cancel.h"

#include "apps/cli/console.h"

namespace mezzotint::cli {

/// What every verb shares; declared on each by main(), and accepted before the verb as well.
struct GlobalOptions {
  std::string device = "auto";
  std::string engine = "fast";
  int64_t threads = 0;  ///< 0: all cores
  uint64_t seed = 0;
  bool seed_given = false;
  bool quiet = false;
  bool verbose = false;
  bool no_color = false;
  bool json = false;
};

/// What a verb is run with.
struct Context {
  GlobalOptions global;
  Console console;
  CancelToken
      cancel;  ///< raised by the first SIGINT or SIGTERM: save what is worth saving, and stop
  std::string command_line;  ///< as it was typed, quoted for a shell
};

/// One verb of the command: a file defines `add(app)`, which declares its options and returns what
/// runs it, and registers it with `const Registered<Verb> kSample("sample", {...});`.
struct Verb {
  std::string summary;  ///< one line for --help
  /// Declares the options on `app` and returns what runs the verb. The exit code is 0 when it
  /// returns (130 or 143 after a signal), 2 for an Error of kind kUsage, 1 for any other exception.
  std::function<std::function<void(Context&)>(CLI::App& app)> declare;
};

}  // namespace mezzotint::cli
