#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/training/run_index.h"

#include "apps/cli/options.h"
#include "apps/cli/runs.h"

namespace mezzotint::cli {
namespace {

void run(const std::vector<std::string>& names, const Context& context) {
  const std::vector<RunEntry> known = known_runs();
  std::vector<RunEntry> runs;
  for (const std::string& name : names) {
    runs.push_back(find_run(known, name));
    if (runs.back().id == 0) fail("runs forget: ", name, ": isn't on the list");
    if (run_status(runs.back()) == "running")
      fail("runs forget: ", name, ": is running, and would come back; stop it first");
  }
  std::vector<int64_t> forgotten;
  RunIndex index(runs_file(), Database::Access::kWrite);
  for (const RunEntry& entry : runs) {
    index.forget(entry.id);
    forgotten.push_back(entry.id);
    context.console.say(concat("forgot run ", entry.id, "; its files are in ", entry.folder));
  }
  if (context.global.json)
    print_json({{"schema", "mezzotint/runs-forget/1"}, {"forgotten", forgotten}});
}

}  // namespace

std::function<void(Context&)> declare_runs_forget(CLI::App& app) {
  const auto names = std::make_shared<std::vector<std::string>>();
  app.add_option("RUN", *names, kRunHelp)->type_name("DIR")->required();
  return [names](Context& context) { run(*names, context); };
}

}  // namespace mezzotint::cli
