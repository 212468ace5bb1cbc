#include <cstdio>
#include <cstdlib>
#include <sstream>

#include <unistd.h>

#include "mezzotint/base/registry.h"
#include "mezzotint/base/version.h"
#include "mezzotint/ops/engine.h"
#include "mezzotint/ops/winograd_costs.h"

#include "apps/cli/command_line.h"
#include "apps/cli/failure.h"
#include "apps/cli/help.h"
#include "apps/cli/memory_cache.h"
#include "apps/cli/options.h"
#include "apps/cli/parse_problem.h"
#include "apps/cli/seeds.h"
#include "apps/cli/signals.h"
#include "apps/cli/subcommand.h"
#include "apps/cli/tuning.h"

namespace mezzotint::cli {
namespace {

constexpr const char* kEverywhere = "Everywhere";

void add_global_options(CLI::App& app, GlobalOptions& options) {
  const auto everywhere = [](CLI::Option* option) { option->group(kEverywhere); };
  everywhere(app.set_help_flag("-h,--help", "print this"));
  everywhere(offer(
      add_text(app, "--device", options.device, "auto, cpu, cuda or cuda:N; default auto", "NAME"),
      {"auto", "cpu", "cuda"}));
  everywhere(offer_only(add_text(app, "--engine", options.engine,
                                 "fast: this program's own kernels where they apply; reference: "
                                 "plain LibTorch; default fast",
                                 "NAME"),
                        {"fast", "reference"}));
  everywhere(add_whole_number(app, "--threads", options.threads, 1,
                              "threads to compute with; default all cores", 4096));
  const auto set_seed = [&options](const std::string& text) {
    options.seed = seed_of(text, "--seed");
    options.seed_given = true;
  };
  everywhere(app.add_option_function<std::string>("--seed", set_seed, "random seed; default 0")
                 ->type_name("INT"));
  everywhere(app.add_flag("-q,--quiet", options.quiet, "say nothing but warnings and errors"));
  everywhere(app.add_flag("-v,--verbose", options.verbose, "say more"));
  everywhere(app.add_flag("--no-color", options.no_color,
                          "no colour (NO_COLOR in the environment does the same)"));
  everywhere(
      app.add_flag("--json", options.json, "one JSON document on stdout, all else on stderr"));
}

bool color_wanted(const GlobalOptions& options) {
  const char* const term = std::getenv("TERM");
  const char* const no_color = std::getenv("NO_COLOR");
  return !options.no_color && !(no_color && *no_color) && isatty(STDERR_FILENO) && term &&
         std::string(term) != "dumb";
}

/// "help sample" is "sample --help".
std::vector<std::string> arguments(int argc, char** argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  if (!args.empty() && args[0] == "help") {
    args.erase(args.begin());
    args.push_back("--help");
  }
  return args;
}

void declare_verbs(CLI::App& app, GlobalOptions& global, std::function<void(Context&)>& chosen) {
  add_global_options(app, global);
  for (const std::string& name : Registry<Verb>::names()) {
    const Verb& verb = Registry<Verb>::at("verb", name);
    CLI::App* sub = app.add_subcommand(name, verb.summary);
    sub->callback([&chosen, runs = verb.declare(*sub)] { chosen = runs; });
    add_global_options(*sub, global);
    for (CLI::App* nested : sub->get_subcommands([](CLI::App*) { return true; })) {
      nested->set_help_flag();  // the verb's own is enough, and stands with the rest of its kind
      nested->fallthrough();
    }
  }
}

/// Parses and runs. @returns the exit code.
int run(int argc, char** argv, const CancelToken& cancel) {
  CLI::App app("Fine-tune, train and steer diffusion models.", "mezzotint");
  app.set_version_flag("--version", std::string("mezzotint ") + version(), "print the version")
      ->group(kEverywhere);
  app.require_subcommand(1);
  app.formatter(std::make_shared<HelpFormatter>(help_width()));
  app.footer(
      "Exit status: 0 done, 1 failed, 2 wrong usage, 129, 130, 138 or 143 stopped by a signal.");
  GlobalOptions global;
  std::function<void(Context&)> chosen;
  declare_verbs(app, global, chosen);
  const auto [args, verb] = read_command_line(app, arguments(argc, argv));
  if (args.empty()) {
    Console::error("no verb given\n\n" + app.help());
    return kExitUsage;
  }
  try {
    app.parse(
        std::vector<std::string>(args.rbegin(), args.rend()));  // CLI11 takes them from the back
  } catch (const CLI::Success& asked) {                         // --help, --version
    std::ostringstream answer;
    const int code = app.exit(asked, answer);
    print("%s", answer.str().c_str());
    flush_stdout();
    return code;
  } catch (const CLI::ParseError& error) {
    Console::error(parse_problem(app, *verb, error));
    return kExitUsage;
  }
  std::vector<std::string> words = {"mezzotint"};
  words.insert(words.end(), args.begin(), args.end());
  Context context{global, Console(global.quiet, global.verbose, color_wanted(global)), cancel,
                  shell_quoted(words)};
  keep_tensor_memory();
  const ops::EngineGuard engine(global.engine == "fast" ? ops::Engine::kFast
                                                        : ops::Engine::kReference);
  const ops::CostGuard costs(cost_source());
  chosen(context);
  flush_stdout();
  return caught_signal() ? 128 + caught_signal() : kExitDone;
}

/// Ends the process without the destructors of static objects: all that was to be written is
/// written, and LibTorch takes 60 ms to tear its tables down.
[[noreturn]] void leave(int code) {
  std::fflush(nullptr);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  std::exit(code);  // they report at the end
#else
  std::_Exit(code);
#endif
}

}  // namespace
}  // namespace mezzotint::cli

int main(int argc, char** argv) {
  const mezzotint::CancelToken cancel;
  mezzotint::cli::stop_on_signals(cancel);
  int code = 0;
  try {
    code = mezzotint::cli::run(argc, argv, cancel);
  } catch (...) {
    code = mezzotint::cli::report_failure();
  }
  mezzotint::cli::leave(code);
}
