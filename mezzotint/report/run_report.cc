#include "mezzotint/report/run_report.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/report/loss_curve.h"
#include "mezzotint/report/plot.h"
#include "mezzotint/report/sample_grids.h"
#include "mezzotint/training/record_files.h"
#include "mezzotint/training/run_config.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostGrids = 6;

std::optional<ReportSection> before_and_after(const fs::path& run) {
  const fs::path strip = run / "samples" / "before-after.png";
  if (!fs::exists(strip)) return std::nullopt;
  ReportSection section;
  section.title = "Before and after";
  section.paragraphs = {
      "The first row is what the model made before training, the second what it makes now. Each "
      "column starts from the same noise."};
  section.pictures = {{read_file(strip), "before (above) and after (below)"}};
  return section;
}

std::string decimals(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.5f", value);
  return text;
}

std::optional<ReportSection> loss(const std::vector<Record>& records) {
  std::vector<double> epochs;
  for (const Record& record : records)
    if (record.name == "epoch_loss" && record.number()) epochs.push_back(*record.number());
  const auto is_loss = [](const Record& record) { return record.name == "loss"; };
  const auto count = std::ranges::count_if(records, is_loss);
  if (count == 0) return std::nullopt;
  ReportSection section;
  section.title = "Loss";
  section.paragraphs = {concat(counted(count, "micro-batch", "es"), ", ",
                               counted(records.back().at.update, "update"), ", ",
                               counted(records.back().at.images, "picture"), " seen.")};
  if (!epochs.empty())
    section.paragraphs.push_back(concat("Mean over the first epoch ", decimals(epochs.front()),
                                        ", over the last ", decimals(epochs.back()), "."));
  section.pictures = {{render_svg(loss_plot(records)), ""}};
  return section;
}

std::optional<ReportSection> samples(const fs::path& run) {
  const auto grids = sample_grids(run);
  if (grids.empty()) return std::nullopt;
  ReportSection section;
  section.title = "Samples on the way";
  section.paragraphs = {"All from the same noise."};
  const size_t shown = std::min(grids.size(), kMostGrids);
  for (size_t k = 0; k < shown; ++k) {
    // Evenly spaced, the first and the last among them.
    const auto& [update, path] = grids[shown == 1 ? 0 : k * (grids.size() - 1) / (shown - 1)];
    section.pictures.push_back({read_file(path), concat("after update ", update)});
  }
  return section;
}

/// A value as a person would write it.
std::string plain(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

ReportSection recipe(const RunConfig& config) {
  ReportSection section;
  section.title = "Recipe";
  section.table.columns = {"setting", "value"};
  auto& rows = section.table.rows;
  rows = {{"data", config.data},
          {"starting point", config.init.empty() ? "random weights" : config.init}};
  const nlohmann::json usual = to_json(TrainConfig());
  const nlohmann::json chosen = to_json(config.training);
  for (const auto& [name, value] : chosen.items())
    if (value != usual.at(name) || name == "batch_size" || name == "lr" || name == "num_epochs")
      rows.push_back({name, plain(value)});
  rows.push_back({"size", concat(config.transform.width, " × ", config.transform.height)});
  section.paragraphs = {"Settings that differ from the defaults, and the three that matter most."};
  if (!config.command_line.empty()) section.commands = {config.command_line};
  return section;
}

ReportSection going_on(const fs::path& run) {
  ReportSection section;
  section.title = "Going on";
  const std::string folder = run.string();
  if (fs::exists(run / "model")) {
    section.paragraphs = {"More samples from the trained model:"};
    section.commands = {"mezzotint sample " + folder + "/model -o samples.png -n 16"};
  } else {
    section.paragraphs = {"The run has not come to its end. It goes on with:"};
    section.commands = {"mezzotint resume " + folder};
  }
  return section;
}

}  // namespace

std::vector<ReportSection> run_sections(const fs::path& run) {
  if (!fs::exists(run / "config.json"))
    fail(run.string(), ": is no run folder (it has no config.json); wanted the folder that ",
         "`mezzotint finetune` or `train` wrote with -o");
  const RunConfig config = read_run_config(run / "config.json");
  std::vector<ReportSection> sections;
  const auto add = [&](std::optional<ReportSection> section) {
    if (section) sections.push_back(std::move(*section));
  };
  add(before_and_after(run));
  if (fs::exists(run / "metrics.jsonl")) add(loss(read_records(run / "metrics.jsonl")));
  add(samples(run));
  add(recipe(config));
  add(going_on(run));
  return sections;
}

Report run_report(const fs::path& run) {
  return {"Training run " + fs::absolute(run).lexically_normal().filename().string(),
          "What changed, how the loss went, and how to go on.", run_sections(run)};
}

}  // namespace mezzotint
