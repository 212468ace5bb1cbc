#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "mezzotint/base/error.h"

#include "apps/cli/options.h"
#include "apps/cli/run_cells.h"
#include "apps/cli/runs.h"
#include "apps/cli/terminal.h"
#include "apps/cli/text_table.h"

namespace mezzotint::cli {
namespace {

struct Options {
  std::string status, data;
  int64_t limit = 20;
};

bool wanted(const RunEntry& entry, const Options& options) {
  if (options.status == "gone" && !run_is_gone(entry)) return false;
  if (!options.status.empty() && options.status != "gone" && run_status(entry) != options.status)
    return false;
  return entry.data.find(options.data) != std::string::npos;
}

/// A known name, or the last part of a path.
std::string data_cell(const RunEntry& entry) {
  const std::filesystem::path path(entry.data);
  return path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
}

void print_table(const std::vector<RunEntry>& runs) {
  TextTable table;
  const bool number = true, shortens = true;
  table.columns = {{"id", number},
                   {"status"},
                   {"folder", false, 0, shortens},
                   {"recipe", false, 2, shortens},
                   {"data", false, 5, shortens},
                   {"lr", number, 3},
                   {"batch", number, 7},
                   {"epochs", number, 8},
                   {"updates", number},
                   {"loss", number},
                   {"validation", number, 4},
                   {"time", number, 6},
                   {"age", number, 1}};
  for (const RunEntry& run : runs)
    table.rows.push_back({std::to_string(run.id), status_cell(run), path_cell(run.folder),
                          recipe_cell(run), data_cell(run), setting_cell(run, "lr"),
                          setting_cell(run, "batch_size"), setting_cell(run, "num_epochs"),
                          updates_cell(run), number_cell(run.loss),
                          number_cell(run.validation_loss), time_cell(run), age_cell(run.started)});
  if (const auto width = terminal_width(STDOUT_FILENO)) table.fit(*width);
  print("%s", table.text().c_str());
}

void run(const Options& options, const Context& context) {
  std::vector<RunEntry> runs = known_runs();
  const size_t all = runs.size();
  std::erase_if(runs, [&](const RunEntry& entry) { return !wanted(entry, options); });
  const size_t found = runs.size();
  if (options.limit > 0) runs.resize(std::min(found, static_cast<size_t>(options.limit)));
  if (context.global.json) {
    nlohmann::json document = {{"schema", "mezzotint/runs/1"},
                               {"index", runs_file().string()},
                               {"found", found},
                               {"runs", nlohmann::json::array()}};
    for (const RunEntry& entry : runs) document["runs"].push_back(run_document(entry));
    return print_json(document);
  }
  if (!runs.empty()) print_table(runs);
  flush_stdout();  // before what is said to stderr
  if (runs.empty())
    context.console.say(all == 0 ? "no runs yet; `mezzotint runs scan DIR` adds run folders"
                                 : concat("none of ", all, " runs is like that"));
  else if (runs.size() < found)
    context.console.say(concat("and ", found - runs.size(), " older ones (--limit 0 shows all)"));
}

}  // namespace

std::function<void(Context&)> declare_runs_list(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  const auto list = [](CLI::Option* option) { return option->group("The list (without a verb)"); };
  offer_only(
      list(add_text(app, "--status", options->status,
                    "only runs of this status; gone: those whose folder isn't there", "NAME")),
      {"running", "done", "stopped", "failed", "interrupted", "gone"});
  list(add_text(app, "--data", options->data, "only runs whose data have this in their name"));
  list(add_whole_number(app, "--limit", options->limit, 0,
                        "at most so many, the newest; 0: all; default 20"));
  return [options](Context& context) { run(*options, context); };
}

}  // namespace mezzotint::cli
