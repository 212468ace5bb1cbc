#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/shell_quoted.h"
#include "mezzotint/training/next_commands.h"
#include "mezzotint/training/run_settings.h"

#include "apps/cli/options.h"
#include "apps/cli/run_cells.h"
#include "apps/cli/runs.h"
#include "apps/cli/text_table.h"

namespace mezzotint::cli {
namespace {

/// Settings that were chosen, but for those that have lines of their own.
Settings shown_settings(const RunEntry& entry) {
  Settings chosen = chosen_settings(entry.config, entry.command_line);
  for (const char* name : {"data", "init", "recipe"}) chosen.erase(name);
  return chosen;
}

/// What can be done with the run next; nothing while it is at work.
std::vector<std::string> commands_for(const RunEntry& entry) {
  const std::string status = run_status(entry);
  if (run_is_gone(entry) || status == "running") return {};
  std::vector<std::string> commands = next_commands(entry.folder, entry.recipe, status == "done");
  commands.push_back("mezzotint report " + mezzotint::shell_quoted(entry.folder));
  return commands;
}

/// Lines with one name, which stands in the first alone.
void add_lines(TextTable& table, const char* name, const std::vector<std::string>& texts) {
  for (const std::string& text : texts)
    table.rows.push_back({&text == &texts.front() ? name : "", text});
}

void print_lines(const RunEntry& entry) {
  TextTable table{{{""}, {""}}, {}};
  const auto line = [&](const char* name, const std::string& text) {
    table.rows.push_back({name, text});
  };
  line("run", (entry.id ? concat(entry.id, ", ") : std::string()) + status_cell(entry));
  if (!entry.error.empty()) line("error", entry.error);
  line("folder", entry.folder);
  line("started", concat(date_cell(entry.started), ", ", age_cell(entry.started), " ago"));
  line("recipe", recipe_cell(entry) + (entry.init.empty() ? "" : " (" + entry.init + ")"));
  line("data", entry.data);
  line("updates", concat(updates_cell(entry), ", ", entry.images, " images"));
  line("loss", concat(number_cell(entry.loss), " smoothed, ", number_cell(entry.best_loss),
                      " at its lowest, ", number_cell(entry.epoch_loss), " in the last epoch"));
  line("validation", number_cell(entry.validation_loss));
  line("time", concat(time_cell(entry), ", ", number_cell(entry.images_per_second), " images/s"));
  std::vector<std::string> settings;
  for (const auto& [name, value] : shown_settings(entry))
    settings.push_back(concat(name, " = ", setting_text(value)));
  add_lines(table, "settings", settings);
  if (!entry.command_line.empty()) line("command", entry.command_line);
  add_lines(table, "next", commands_for(entry));
  const std::string text = table.text();
  print("%s", text.c_str() + text.find('\n') + 1);  // without the line of titles
}

void run(const std::string& name, const Context& context) {
  const RunEntry entry = find_run(known_runs(), name);
  if (!context.global.json) return print_lines(entry);
  nlohmann::json document = run_document(entry);
  document["schema"] = "mezzotint/runs-show/1";
  document["settings"] = shown_settings(entry);
  document["commands"] = commands_for(entry);
  print_json(document);
}

}  // namespace

std::function<void(Context&)> declare_runs_show(CLI::App& app) {
  const auto name = std::make_shared<std::string>();
  add_text(app, "RUN", *name, kRunHelp, "DIR")->required();
  return [name](Context& context) { run(*name, context); };
}

}  // namespace mezzotint::cli
