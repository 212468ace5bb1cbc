#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/training/run_index.h"
#include "mezzotint/training/run_summary.h"

#include "apps/cli/options.h"
#include "apps/cli/runs.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

struct Found {
  std::vector<int64_t> added, known;
  std::vector<std::string> damaged;
};

/// What the folder says, and what it can't say of a run that has not come to its end: why. A run
/// that was done is not any more when it went on unseen.
RunEntry renewed(RunEntry entry, const RunEntry& known) {
  if (entry.status == "done") return entry;
  if (known.status != "done") entry.status = known.status;
  entry.error = known.error;
  entry.host = known.host;
  entry.process = known.process;
  if (!entry.planned) entry.planned = known.planned;
  return entry;
}

void add_run(const fs::path& folder, RunIndex& index, Found& found) {
  const std::optional<RunEntry> known = index.find(folder);
  if (known && run_status(*known) == "running") return found.known.push_back(known->id);
  const RunEntry entry = summarize_run(folder);
  const int64_t id = index.put(known ? renewed(entry, *known) : entry);
  (known ? found.known : found.added).push_back(id);
}

void run(const std::string& folder, const Context& context) {
  const std::vector<fs::path> folders = find_run_folders(folder);
  const fs::path file = runs_file();
  std::error_code ignored;  // RunIndex says what is wrong with the folder
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), ignored);
  RunIndex index(file, Database::Access::kWrite);
  Found found;
  for (const fs::path& each : folders) {
    context.cancel.check();
    try {
      add_run(each, index, found);
    } catch (const Error& error) {
      context.console.warn(error.what());
      found.damaged.push_back(each.string());
    }
  }
  context.console.say(concat("added ", counted(found.added.size(), "run"), "; ", found.known.size(),
                             " more were known"));
  if (context.global.json)
    print_json({{"schema", "mezzotint/runs-scan/1"},
                {"index", file.string()},
                {"added", found.added},
                {"known", found.known},
                {"damaged", found.damaged}});
}

}  // namespace

std::function<void(Context&)> declare_runs_scan(CLI::App& app) {
  const auto folder = std::make_shared<std::string>();
  add_text(app, "DIR", *folder, "a run folder, or one with run folders somewhere below it", "DIR")
      ->required();
  return [folder](Context& context) { run(*folder, context); };
}

}  // namespace mezzotint::cli
