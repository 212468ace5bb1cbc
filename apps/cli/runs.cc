// `mezzotint runs`: the user's training runs. Alone it lists them; show, compare, scan and forget
// are nested verbs.
#include "apps/cli/runs.h"

#include <algorithm>

#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/base/whole_number.h"
#include "mezzotint/training/run_index.h"
#include "mezzotint/training/run_summary.h"

#include "apps/cli/run_index_place.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

std::string name_of(const RunEntry& entry) { return fs::path(entry.folder).filename().string(); }

/// Those whose folder has this name; with several it isn't said which is meant.
std::vector<RunEntry> called(const std::vector<RunEntry>& known, const std::string& name) {
  std::vector<RunEntry> found;
  std::ranges::copy_if(known, std::back_inserter(found),
                       [&](const RunEntry& entry) { return name_of(entry) == name; });
  return found;
}

[[noreturn]] void fail_ambiguous(const std::string& name, const std::vector<RunEntry>& found) {
  std::vector<std::string> lines;
  for (const RunEntry& entry : found) lines.push_back(concat(entry.id, " (", entry.folder, ")"));
  fail("runs: ", found.size(), " runs are called '", name, "': ", joined(lines),
       "; give the number or the folder");
}

std::function<void(Context&)> declare(CLI::App& app) {
  app.require_subcommand(0, 1);
  const auto chosen = std::make_shared<std::function<void(Context&)>>();
  const auto add = [&](const char* name, const char* summary, auto declare_part) {
    CLI::App* part = app.add_subcommand(name, summary);
    part->callback([chosen, runs = declare_part(*part)] { *chosen = runs; });
  };
  const auto list = declare_runs_list(app);
  add("show", "all that is known of a run: its settings, results, and how to go on",
      declare_runs_show);
  add("compare", "runs side by side: settings that differ, results, loss curves, samples",
      declare_runs_compare);
  add("scan", "add run folders that were made elsewhere", declare_runs_scan);
  add("forget", "take runs off the list; their files stay", declare_runs_forget);
  return [&app, list, chosen](Context& context) {
    if (!*chosen) return list(context);
    for (const char* filter : {"--status", "--data", "--limit"})
      if (app.count(filter) > 0)
        fail_usage("runs: ", filter, " is for the list alone, without another verb");
    (*chosen)(context);
  };
}

const Registered<Verb> kRuns("runs",
                             {"past training runs: a list, show, compare, scan, forget", declare});

}  // namespace

fs::path runs_file() {
  const fs::path file = run_index_place();
  if (file.empty())
    fail("runs: there is no list of runs: MEZZOTINT_RUNS is off, or neither it nor XDG_DATA_HOME ",
         "nor HOME is set; set MEZZOTINT_RUNS to a file");
  return file;
}

std::vector<RunEntry> known_runs() {
  const fs::path file = runs_file();
  std::error_code none;
  if (!fs::exists(file, none)) return {};
  return RunIndex(file, Database::Access::kRead).runs();
}

RunEntry find_run(const std::vector<RunEntry>& known, const std::string& name) {
  const std::optional<int64_t> id = whole_number(name);
  const std::string folder = folder_key(name);
  for (const RunEntry& entry : known)
    if (id ? entry.id == *id : entry.folder == folder) return entry;
  const std::vector<RunEntry> found = called(known, name);
  if (found.size() > 1) fail_ambiguous(name, found);
  if (!found.empty()) return found[0];
  if (is_run_folder(name)) return summarize_run(name);
  std::vector<std::string> names;
  for (const RunEntry& entry : known) names.push_back(name_of(entry));
  fail("runs: no run '", name, "'", did_you_mean(name, names),
       "; wanted a number of the list, a run folder, or its name (`mezzotint runs` lists them)");
}

}  // namespace mezzotint::cli
