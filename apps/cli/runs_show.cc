#include <cstdio>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/training/run_settings.h"

#include "apps/cli/command_line.h"
#include "apps/cli/options.h"
#include "apps/cli/run_cells.h"
#include "apps/cli/runs.h"
#include "apps/cli/text_table.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

/// Settings that differ from the defaults, but for those that have lines of their own.
Settings chosen_settings(const RunEntry& entry) {
  const Settings usual = default_settings(entry.recipe);
  Settings chosen = run_settings(entry.config);
  std::erase_if(chosen, [&](const auto& setting) {
    const auto found = usual.find(setting.first);
    return found != usual.end() && found->second == setting.second;
  });
  for (const char* name : {"data", "init", "recipe"}) chosen.erase(name);
  return chosen;
}

/// What can be done with the run next.
std::vector<std::string> next_commands(const RunEntry& entry) {
  if (run_is_gone(entry)) return {};
  const std::string status = run_status(entry);
  if (status == "running") return {};
  if (status != "done") return {shell_quoted({"mezzotint", "resume", entry.folder})};
  const std::string model = entry.folder + "/model";
  std::vector<std::string> commands;
  if (entry.recipe == "diffusion")
    commands.push_back(
        shell_quoted({"mezzotint", "sample", model, "-o", "samples.png", "-n", "16"}));
  else
    commands.push_back(shell_quoted({"mezzotint", "info", model}));
  commands.push_back(shell_quoted({"mezzotint", "report", entry.folder}));
  return commands;
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
  const char* title = "settings";
  for (const auto& [name, value] : chosen_settings(entry)) {
    line(title, concat(name, " = ", setting_text(value)));
    title = "";
  }
  if (!entry.command_line.empty()) line("command", entry.command_line);
  title = "next";
  for (const std::string& command : next_commands(entry)) {
    line(title, command);
    title = "";
  }
  const std::string text = table.text();
  std::fputs(text.c_str() + text.find('\n') + 1, stdout);  // without the line of titles
}

void run(const std::string& name, const Context& context) {
  const RunEntry entry = find_run(known_runs(), name);
  if (!context.global.json) return print_lines(entry);
  nlohmann::json document = run_document(entry);
  document["schema"] = "mezzotint/runs-show/1";
  document["settings"] = chosen_settings(entry);
  document["commands"] = next_commands(entry);
  print_json(document);
}

}  // namespace

std::function<void(Context&)> declare_runs_show(CLI::App& app) {
  const auto name = std::make_shared<std::string>();
  add_text(app, "RUN", *name, kRunHelp, "DIR")->required();
  return [name](Context& context) { run(*name, context); };
}

}  // namespace mezzotint::cli
