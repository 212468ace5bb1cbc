#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "apps/cli/subcommand.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/base/version.h"

namespace mezzotint::cli {
namespace {

void add_global_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("--device", options.device, "auto, cpu or cuda[:N]")->group("Everywhere");
  app.add_option("--threads", options.threads, "threads to use (0: all cores)")->group("Everywhere");
  app.add_option_function<uint64_t>(
         "--seed", [&options](uint64_t seed) { options.seed = seed, options.seed_given = true; }, "random seed (0)")
      ->group("Everywhere");
  app.add_flag("-q,--quiet", options.quiet, "say nothing but errors")->group("Everywhere");
  app.add_flag("-v,--verbose", options.verbose, "say more")->group("Everywhere");
  app.add_flag("--no-color", options.no_color, "no colour")->group("Everywhere");
  app.add_flag("--json", options.json, "one JSON document on stdout, all else on stderr")->group("Everywhere");
}

bool color_wanted(const GlobalOptions& options) {
  const char* term = std::getenv("TERM");
  return !options.no_color && !std::getenv("NO_COLOR") && isatty(2) && term && std::string(term) != "dumb";
}

int run(int argc, char** argv) {
  CLI::App app("Fine-tune, train and steer diffusion models.", "mezzotint");
  app.set_version_flag("--version", std::string("mezzotint ") + version());
  app.require_subcommand(1);
  GlobalOptions global;
  std::function<void(Context&)> chosen;
  for (const std::string& name : Registry<Verb>::names()) {
    const Verb& verb = Registry<Verb>::at("verb", name);
    CLI::App* sub = app.add_subcommand(name, verb.summary);
    add_global_options(*sub, global);
    sub->callback([&chosen, runs = verb.declare(*sub)] { chosen = runs; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    Console::error(std::string(error.what()) + "; see mezzotint --help");
    return 2;
  }
  Context context{global, Console(global.quiet, global.verbose, color_wanted(global))};
  chosen(context);
  return 0;
}

}  // namespace
}  // namespace mezzotint::cli

int main(int argc, char** argv) {
  using mezzotint::ErrorKind;
  try {
    return mezzotint::cli::run(argc, argv);
  } catch (const mezzotint::Error& error) {
    mezzotint::cli::Console::error(error.what());
    return error.kind() == ErrorKind::kUsage ? 2 : error.kind() == ErrorKind::kCancelled ? 130 : 1;
  } catch (const std::exception& error) {
    mezzotint::cli::Console::error(error.what());
    return 1;
  }
}
