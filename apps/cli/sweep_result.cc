#include "apps/cli/sweep_result.h"

#include <cctype>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/report/run_comparison.h"
#include "mezzotint/training/run_settings.h"
#include "mezzotint/training/without_secrets.h"

#include "apps/cli/run_cells.h"
#include "apps/cli/sweep_ranking.h"
#include "apps/cli/text_table.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

/// The columns behind the grid's settings, under RunEntry's names.
constexpr const char* kResults[] = {
    "updates", "images", "loss", "epoch_loss", "validation_loss", "seconds", "images_per_second"};

TextTable as_table(const SweepResult& result) {
  TextTable table;
  for (const GridAxis& axis : result.axes) table.columns.push_back({axis.name, true});
  for (const char* title :
       {"updates", "images", "loss", "epoch loss", "validation", "time", "images/s"})
    table.columns.push_back({title, true});
  table.columns.push_back({"status"});
  table.columns.push_back({"folder"});
  for (const SweepRow& row : result.rows) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (const nlohmann::json& value : row.point.values) cells.push_back(setting_text(value));
    const RunEntry& run = row.entry;
    for (const std::string& cell :
         {updates_cell(run), std::to_string(run.images), number_cell(run.loss),
          number_cell(run.epoch_loss), number_cell(run.validation_loss), time_cell(run),
          number_cell(run.images_per_second), row.status, row.point.name})
      cells.push_back(cell);
  }
  return table;
}

/// Quoted where it must be.
std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::vector<std::string> quoted;
  for (const std::string& cell : cells) quoted.push_back(csv_cell(cell));
  return joined(quoted, ",") + "\r\n";
}

/// The table without the folders, whose names would say the settings again.
ReportTable page_table(const SweepResult& result) {
  const TextTable table = as_table(result);
  ReportTable page{{}, table.rows};
  for (const TextTable::Column& column : table.columns) page.columns.push_back(column.title);
  page.columns.pop_back();
  for (auto& row : page.rows) row.pop_back();
  return page;
}

ReportSection failed_runs(const SweepResult& result) {
  ReportSection section;
  section.title = "Failed runs";
  section.table.columns = {"run", "why"};
  for (const SweepRow& row : result.rows)
    if (!row.error.empty()) section.table.rows.push_back({row.point.name, row.error});
  return section;
}

/// A line of the terminal for a page.
std::string as_sentence(std::string line) {
  line[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(line[0])));
  return line + ".";
}

}  // namespace

nlohmann::json grid_settings(const std::vector<GridAxis>& axes, const GridPoint& point) {
  nlohmann::json settings = nlohmann::json::object();
  for (size_t i = 0; i < axes.size(); ++i) settings[axes[i].name] = point.values[i];
  return settings;
}

std::string sweep_table(const SweepResult& result, const fs::path& folder) {
  TextTable table = as_table(result);
  for (auto& row : table.rows) row.back() = path_cell((folder / row.back()).string());
  return table.text();
}

std::string sweep_csv(const SweepResult& result) {
  std::vector<std::string> names;
  for (const GridAxis& axis : result.axes) names.push_back(axis.name);
  names.emplace_back("status");
  names.insert(names.end(), std::begin(kResults), std::end(kResults));
  names.insert(names.end(), {"folder", "error"});
  std::string text = csv_line(names);
  for (const SweepRow& row : result.rows) {
    std::vector<std::string> cells;
    for (const nlohmann::json& value : row.point.values) cells.push_back(setting_text(value));
    cells.push_back(row.status);
    const nlohmann::json fields = to_json(row.entry);
    for (const char* name : kResults)
      cells.push_back(fields.at(name).is_null() ? "" : setting_text(fields.at(name)));
    cells.push_back(row.entry.folder);
    cells.push_back(row.error);
    text += csv_line(cells);
  }
  return text;
}

nlohmann::json sweep_document(const SweepResult& result, const fs::path& folder) {
  const auto or_null = [](const auto& value, bool there) {
    return there ? nlohmann::json(value) : nlohmann::json();
  };
  const SweepRanking ranking = ranked(result);
  const SweepRow* const best = ranking.best;
  nlohmann::json document = {{"schema", "mezzotint/sweep/1"},
                             {"folder", folder.string()},
                             {"csv", (folder / "sweep.csv").string()},
                             {"page", (folder / "sweep.html").string()},
                             {"best", or_null(best ? best->point.name : "", best)},
                             {"ranked_by", or_null(ranking.field, best)},
                             {"doubt", or_null(ranking.doubt, !ranking.doubt.empty())},
                             {"runs", nlohmann::json::array()}};
  for (const SweepRow& row : result.rows) {
    nlohmann::json run = {{"name", row.point.name},
                          {"settings", grid_settings(result.axes, row.point)},
                          {"status", row.status},
                          {"folder", row.entry.folder},
                          {"error", row.error}};
    const nlohmann::json fields = to_json(row.entry);
    for (const char* name : kResults) run[name] = fields.at(name);
    document["runs"].push_back(run);
  }
  return document;
}

Report sweep_page(const SweepResult& result, const fs::path& folder,
                  const std::string& command_line) {
  ReportSection runs;
  runs.title = "Runs";
  runs.table = page_table(result);
  for (const std::string& line : ranking_in_words(ranked(result)))
    runs.paragraphs.push_back(as_sentence(line));
  runs.commands = {without_secrets(command_line)};
  std::vector<ComparedRun> compared;
  for (const SweepRow& row : result.rows) compared.push_back({row.point.name, row.entry.folder});
  std::vector<std::string> names;
  for (const GridAxis& axis : result.axes) names.push_back(axis.name);
  Report report{"Sweep " + fs::absolute(folder).lexically_normal().filename().string(),
                concat(counted(result.rows.size(), "run"), " over ", joined(names), "."),
                {std::move(runs)}};
  for (ReportSection& section : comparison_sections(compared, CurveAxis::kImages))
    report.sections.push_back(std::move(section));
  if (ReportSection failed = failed_runs(result); !failed.table.rows.empty())
    report.sections.push_back(std::move(failed));
  return report;
}

}  // namespace mezzotint::cli
