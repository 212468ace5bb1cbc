#include <algorithm>
#include <filesystem>
#include <set>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/files.h"
#include "mezzotint/report/run_comparison.h"
#include "mezzotint/training/run_settings.h"

#include "apps/cli/options.h"
#include "apps/cli/picture_output.h"
#include "apps/cli/run_cells.h"
#include "apps/cli/runs.h"
#include "apps/cli/text_table.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> names;
  std::string plot, page, by = "images";
};

/// What is compared, each run under a name that no other has.
struct Comparison {
  std::vector<RunEntry> runs;
  std::vector<std::string> names;
  std::vector<Settings> settings;
  std::vector<std::string> differing;
};

Comparison compare(const std::vector<RunEntry>& runs) {
  Comparison comparison{runs, {}, {}, {}};
  std::set<std::string> names;
  for (const RunEntry& run : runs) names.insert(fs::path(run.folder).filename().string());
  for (const RunEntry& run : runs) {
    comparison.names.push_back(names.size() == runs.size()
                                   ? fs::path(run.folder).filename().string()
                                   : path_cell(run.folder));
    comparison.settings.push_back(run_settings(run.config));
  }
  comparison.differing = differing_settings(comparison.settings);
  return comparison;
}

std::string setting_of(const Settings& settings, const std::string& name) {
  const auto found = settings.find(name);
  if (found == settings.end() || found->second == "") return "-";
  return path_cell(setting_text(found->second));
}

/// A row for each setting that differs, then one for each result; the first cell is its name.
std::vector<std::vector<std::string>> comparison_rows(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : comparison.differing) {
    rows.push_back({name});
    for (const Settings& settings : comparison.settings)
      rows.back().push_back(setting_of(settings, name));
  }
  const auto result = [&](const char* name, const auto& cell) {
    rows.push_back({name});
    for (const RunEntry& run : comparison.runs) rows.back().push_back(cell(run));
  };
  result("status", status_cell);
  result("updates", updates_cell);
  result("images", [](const RunEntry& run) { return std::to_string(run.images); });
  result("loss, smoothed", [](const RunEntry& run) { return number_cell(run.loss); });
  result("its lowest", [](const RunEntry& run) { return number_cell(run.best_loss); });
  result("last epoch's loss", [](const RunEntry& run) { return number_cell(run.epoch_loss); });
  result("validation loss", [](const RunEntry& run) { return number_cell(run.validation_loss); });
  result("time", time_cell);
  result("images/s", [](const RunEntry& run) { return number_cell(run.images_per_second); });
  return rows;
}

void print_table(const Comparison& comparison) {
  TextTable table{{{""}}, comparison_rows(comparison)};
  for (const std::string& name : comparison.names) table.columns.push_back({name, true});
  print("%s", table.text().c_str());
}

nlohmann::json as_json(const Comparison& comparison) {
  nlohmann::json document = {{"schema", "mezzotint/runs-compare/1"},
                             {"runs", nlohmann::json::array()},
                             {"settings", nlohmann::json::object()}};
  for (const RunEntry& run : comparison.runs) document["runs"].push_back(run_document(run));
  for (const std::string& name : comparison.differing)
    for (const Settings& settings : comparison.settings)
      document["settings"][name].push_back(settings.contains(name) ? settings.at(name)
                                                                   : nlohmann::json());
  return document;
}

Report page_of(const Comparison& comparison, const std::vector<ComparedRun>& runs, CurveAxis axis) {
  ReportSection settings;
  settings.title = "Settings and results";
  settings.paragraphs = {"Settings that all have in common are left out."};
  settings.table.columns = {""};
  for (const std::string& name : comparison.names) settings.table.columns.push_back(name);
  settings.table.rows = comparison_rows(comparison);
  Report report{"Training runs compared", joined(comparison.names), {std::move(settings)}};
  for (ReportSection& section : comparison_sections(runs, axis))
    report.sections.push_back(std::move(section));
  return report;
}

void run(const Options& options, const Context& context) {
  if (options.names.size() < 2) fail_usage("runs compare: got one run, wanted two or more");
  const std::vector<RunEntry> known = known_runs();
  std::vector<RunEntry> found;
  for (const std::string& name : options.names) found.push_back(find_run(known, name));
  const Comparison comparison = compare(found);
  std::vector<ComparedRun> runs;
  for (size_t i = 0; i < found.size(); ++i) {
    if (run_is_gone(found[i])) context.console.warn(found[i].folder + ": is gone; it has no curve");
    runs.push_back({comparison.names[i], found[i].folder});
  }
  const CurveAxis axis = options.by == "images" ? CurveAxis::kImages : CurveAxis::kUpdates;
  if (!options.plot.empty()) {
    make_place_for(options.plot, "--plot");
    write_plot(options.plot, comparison_plot(runs, axis));
    context.console.say("wrote " + options.plot);
  }
  if (!options.page.empty()) {
    make_place_for(options.page, "-o");
    write_file_atomic(options.page, render_html(page_of(comparison, runs, axis)));
    context.console.say("wrote " + options.page);
  }
  if (context.global.json)
    print_json(as_json(comparison));
  else
    print_table(comparison);
}

}  // namespace

std::function<void(Context&)> declare_runs_compare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("RUN", options->names, kRunHelp)->type_name("DIR")->required();
  add_text(app, "--plot", options->plot,
           "write the smoothed losses, and validation losses, in one plot: .svg or .png", "FILE");
  offer_only(
      add_text(app, "--by", options->by, "what stands on its x axis; default images", "NAME"),
      {"images", "update"});
  add_text(app, "-o,--out", options->page,
           "write a page: the table, the plot, and the last samples of each", "FILE");
  return [options](Context& context) { run(*options, context); };
}

}  // namespace mezzotint::cli
