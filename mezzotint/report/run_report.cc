#include "mezzotint/report/run_report.h"

#include <algorithm>
#include <cstdio>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/folder_lock.h"
#include "mezzotint/report/film_strip.h"
#include "mezzotint/report/run_curves.h"
#include "mezzotint/report/run_state.h"
#include "mezzotint/report/sample_grids.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostGrids = 40;
constexpr size_t kPageBytes = 8'000'000;              // of pictures as they stand in the page
constexpr size_t kLeastBytes = 1'000'000;             // of these for grids, whatever else there is
constexpr int kCurveWidth = 480, kCurveHeight = 320;  // two side by side, and readable on a phone

/// Bytes of a file that become this many of base64.
size_t bytes_before_base64(size_t bytes) { return bytes / 4 * 3; }

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

std::optional<ReportSection> curves(const RunHistory& history) {
  ReportSection section;
  section.title = "Curves";
  if (const Trace* loss = history.trace("loss"))
    section.paragraphs = {concat(counted(loss->count(), "micro-batch", "es"), ", ",
                                 counted(history.position().update, "update"), ", ",
                                 counted(history.position().images, "picture"), " seen.")};
  if (const Trace* epochs = history.trace("epoch_loss")) {
    const std::vector<Trace::Point> means = epochs->points();
    section.paragraphs.push_back(concat("Mean loss over the first epoch ",
                                        decimals(means.front().value), ", over the last ",
                                        decimals(means.back().value), "."));
  }
  if (const BadLines& bad = history.bad_lines(); bad.count > 0)
    section.paragraphs.push_back(passed_over("metrics.jsonl", bad) + ".");
  for (RunCurve& curve : run_curves(history)) {
    curve.plot.width = kCurveWidth;
    curve.plot.height = kCurveHeight;
    section.pictures.push_back(
        {render_svg(curve.plot), curve.meaning, concat(curve.plot.title, " as a curve")});
  }
  if (section.pictures.empty()) return std::nullopt;
  return section;
}

std::string caption(const SampleGrid& grid) {
  std::string text = concat("after update ", grid.update);
  if (grid.images) text += concat(", ", counted(*grid.images, "image"), " seen");
  return text;
}

/// @param bytes that the files of all grids may have.
std::optional<ReportSection> timeline(const fs::path& run, const RunView& view, size_t bytes) {
  const std::vector<SampleGrid> all = sample_grids(run, view.history);
  if (all.empty()) return std::nullopt;
  ReportSection section;
  section.title = "Timeline of samples";
  section.paragraphs = {
      "All from the same noise, so that what changes is the network. The loss hardly says how far "
      "it has come; these pictures do."};
  const std::vector<SampleGrid> shown = thinned_grids(all, kMostGrids, bytes);
  if (shown.size() < all.size())
    section.paragraphs.push_back(concat("Shown are ", shown.size(), " of ", all.size(),
                                        " grids, evenly chosen; all are in samples/."));
  section.timeline.first_name = "average of the weights";
  section.timeline.second_name = "weights as they are";
  for (const SampleGrid& grid : shown)
    section.timeline.frames.push_back(
        {grid.update, caption(grid), read_file(grid.file),
         grid.raw_file.empty() ? std::string() : read_file(grid.raw_file)});
  if (!view.film_strip.empty())
    section.pictures = {{view.film_strip, "Each row follows one noise through the updates above.",
                         "samples from the same few noises, update by update", true}};
  return section;
}

size_t picture_bytes(const std::vector<ReportSection>& sections) {
  size_t sum = 0;
  for (const ReportSection& section : sections)
    for (const ReportPicture& picture : section.pictures) sum += picture.bytes.size();
  return sum;
}

GridLayout grid_layout(const RunConfig& config) {
  const auto small = [](int64_t value) {
    return static_cast<int>(std::clamp<int64_t>(value, 0, 100'000));
  };
  return {small(config.transform.width), small(config.transform.height),
          small(config.training.sample_count)};
}

std::string name_of(const fs::path& run) {
  const fs::path whole = fs::absolute(run).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

}  // namespace

std::string film_strip_png(const fs::path& run, const RunView& view) {
  const std::optional<Image> strip =
      film_strip(sample_grids(run, view.history), grid_layout(view.config));
  return strip ? encode_png(*strip) : std::string();
}

RunView read_run_view(const fs::path& run) {
  if (!fs::exists(run / "config.json"))
    fail(run.string(), ": is no run folder (it has no config.json); wanted the folder that ",
         "`mezzotint finetune` or `train` wrote with -o");
  RunView view{read_run_config(run / "config.json"), {}, read_run_session(run), {}};
  view.history.read(run / "metrics.jsonl");
  if (view.session && view.session->state == "running" && !FolderLock::held(run)) {
    view.session->state = "interrupted";  // killed: nobody is at work there
    view.session->update = view.history.position().update;
    view.session->images = view.history.position().images;
  }
  view.film_strip = film_strip_png(run, view);
  return view;
}

std::vector<ReportSection> run_sections(const fs::path& run, const RunView& view) {
  std::vector<ReportSection> sections;
  const auto add = [&](std::optional<ReportSection> section) {
    if (section) sections.push_back(std::move(*section));
  };
  add(before_and_after(run));
  add(curves(view.history));
  const size_t room = bytes_before_base64(kPageBytes),
               taken = picture_bytes(sections) + view.film_strip.size();
  const size_t left = room > taken + kLeastBytes ? room - taken : kLeastBytes;
  if (auto section = timeline(run, view, left))
    sections.insert(sections.begin(), std::move(*section));
  add(events_section(view.history));
  add(recipe_section(view.config));
  add(going_on_section(run, view));
  add(environment_section(view));
  add(files_section(run));
  return sections;
}

std::vector<ReportSection> run_sections(const fs::path& run) {
  return run_sections(run, read_run_view(run));
}

Report run_report(const fs::path& run, const RunView& view, int refresh_s) {
  Report report{"Training run " + name_of(run),
                "What changed, how the loss went, and how to go on.", run_sections(run, view)};
  report.state = run_state(run, view, refresh_s);
  return report;
}

Report run_report(const fs::path& run) { return run_report(run, read_run_view(run)); }

void write_film_strip(const fs::path& run, const RunView& view) {
  if (!view.film_strip.empty())
    write_file_atomic(run / "samples" / "timeline.png", view.film_strip);
}

void write_timeline_animation(const fs::path& run, const RunView& view) {
  write_sample_animation(run / "samples" / "timeline.webp", sample_grids(run, view.history));
}

}  // namespace mezzotint
