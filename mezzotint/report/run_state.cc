#include "mezzotint/report/run_state.h"

#include <array>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/training/next_commands.h"
#include "mezzotint/training/run_settings.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

bool has_model(const fs::path& run) { return fs::exists(run / "model"); }

std::string update_of_all(const RunSession& session) {
  return concat("update ", session.update, " of ", session.updates);
}

std::string state_text(const fs::path& run, const RunSession& session, bool live) {
  if (session.state == "done")
    return concat(counted(session.update, "update"), ", ", counted(session.images, "picture"),
                  " seen, in ", in_hours(session.seconds));
  if (session.state == "stopped" || session.state == "interrupted")
    return concat("at ", update_of_all(session), "; go on with: ", resume_command(run));
  if (session.state == "failed")
    return concat("after ", update_of_all(session), ": ", session.message);
  std::string text = update_of_all(session);
  if (live && session.seconds_left >= 0)
    text += concat(", ", in_hours(session.seconds_left), " left");
  if (!live) text += " when it was last heard of";
  return text;
}

/// Settings of a run that its page names: those that were chosen, those that matter most, all of an
/// adapter, and of a network from scratch what isn't as UNet2DModel, CLIPModel or PictureClassifier
/// has it.
Settings named_settings(const RunConfig& config) {
  const nlohmann::json json = to_json(config);
  const Settings all = run_settings(json), usual = default_settings(config.recipe);
  Settings named = chosen_settings(json, config.command_line);
  for (const auto& [name, value] : all) {
    const bool matters =
        name == "batch_size" || name == "lr" || name == "num_epochs" || name == "class_conditional";
    const bool network = config.init.empty() && name.starts_with("model.") &&
                         (!usual.contains(name) || usual.at(name) != value);
    if (matters || network || (config.lora.rank > 0 && name.starts_with("lora.")))
      named[name] = value;
  }
  for (const char* name :
       {"data", "init", "transform.height", "transform.width", "model.class_names"})
    named.erase(name);  // they have rows of their own
  return named;
}

}  // namespace

ReportState run_state(const fs::path& run, const RunView& view, int refresh_s) {
  ReportState state;
  if (!view.session) {
    state.name = has_model(run) ? "done" : "unfinished";
    if (const int64_t update = view.history.position().update; update > 0)
      state.text = counted(update, "update");
    return state;
  }
  const RunSession& session = *view.session;
  state.name = session.state;
  state.text = state_text(run, session, refresh_s > 0);
  if (session.updates > 0)
    state.share = static_cast<double>(session.update) / static_cast<double>(session.updates);
  state.changed = session.changed;
  state.refresh_s = session.state == "running" ? refresh_s : 0;
  return state;
}

std::optional<ReportSection> events_section(const RunHistory& history) {
  if (history.events().empty()) return std::nullopt;
  ReportSection section;
  section.title = "On the way";
  section.table.columns = {"update", "what", "more"};
  for (const RunHistory::Event& event : history.events())
    section.table.rows.push_back({std::to_string(event.at.update), event.name, event.text});
  return section;
}

ReportSection recipe_section(const RunConfig& config) {
  ReportSection section;
  section.title = "Recipe";
  section.table.columns = {"setting", "value"};
  auto& rows = section.table.rows;
  rows = {{"data", config.data},
          {"starting point", config.init.empty() ? "random weights" : config.init}};
  for (const auto& [name, value] : named_settings(config))
    rows.push_back({name, setting_text(value)});
  rows.push_back({"size", concat(config.transform.width, " × ", config.transform.height)});
  section.paragraphs = {
      "Settings that differ from what the command begins with, the network, and those that matter "
      "most."};
  if (!config.command_line.empty()) section.commands = {config.command_line};
  return section;
}

ReportSection going_on_section(const fs::path& run, const RunView& view) {
  ReportSection section;
  section.title = "Going on";
  const bool running = view.session && view.session->state == "running";
  const bool done = has_model(run) && (!view.session || view.session->state == "done");
  if (done) {
    section.paragraphs = {
        "The trained model; and the run once more, from the same settings, into a new folder:"};
  } else {
    section.paragraphs = {
        running ? "Ctrl-C saves the run and stops it. It goes on with the first of these; the "
                  "second repeats it from the beginning, in a new folder:"
                : "The run has not come to its end. It goes on with the first of these; the second "
                  "repeats it from the beginning, in a new folder:"};
  }
  section.commands = next_commands(run, view.config.recipe, done);
  return section;
}

std::optional<ReportSection> environment_section(const RunView& view) {
  if (!view.session) return std::nullopt;
  const RunSession& session = *view.session;
  ReportSection section;
  section.title = "Environment";
  section.table.columns = {"what", "value"};
  auto& rows = section.table.rows;
  rows = {{"mezzotint", session.version},
          {"processor", session.processor},
          {"threads", std::to_string(session.threads)},
          {"time", in_hours(session.seconds) + ", interruptions left out"}};
  for (const std::string& line : session.about)
    if (const size_t colon = line.find(": "); colon != std::string::npos)
      rows.push_back({line.substr(0, colon), line.substr(colon + 2)});
  return section;
}

ReportSection files_section(const fs::path& run) {
  static constexpr std::array<std::array<const char*, 2>, 11> kFiles = {{
      {"config.json", "all settings, resolved"},
      {"metrics.jsonl", "all that was logged, a record a line"},
      {"metrics.csv", "its numbers, for a spreadsheet"},
      {"tensorboard/", "the same for TensorBoard"},
      {"curves/", "the curves as SVG and PNG"},
      {"samples/", "the sample grids"},
      {"samples/timeline.png", "one noise through all updates"},
      {"samples/timeline.webp", "the grids as an animation"},
      {"checkpoints/", "where the run can go on from"},
      {"adapter/", "the trained adapter (LoRA): `mezzotint sample MODEL --lora` takes it"},
      {"model/", "the trained model"},
  }};
  ReportSection section;
  section.title = "Files";
  for (const auto& [path, text] : kFiles)
    if (fs::exists(run / path)) section.links.push_back({path, text});
  return section;
}

}  // namespace mezzotint
