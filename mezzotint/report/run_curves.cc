#include "mezzotint/report/run_curves.h"

#include <algorithm>
#include <array>
#include <set>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/report/loss_curve.h"
#include "mezzotint/report/timestep_curves.h"
#include "mezzotint/report/trace_series.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostOthers = 12;

/// A line of a curve: the record it draws, and what the legend calls it.
struct Line {
  const char* record;
  const char* label;
};

struct CurveOfNumbers {
  const char* name;
  const char* title;
  const char* y_label;
  bool log_y;
  const char* meaning;
  std::array<Line, 2> lines;  ///< the second may be empty
};

constexpr std::array<CurveOfNumbers, 6> kCurves = {{
    {"stratified-loss",
     "Loss without the luck of the timesteps",
     "mean squared error",
     true,
     "The mean of the losses by timestep, so that it doesn't matter which timesteps were drawn; "
     "and the same weighted by min-SNR.",
     {{{"stratified_loss", "mean over timesteps"}, {"snr_loss", "weighted by min-SNR"}}}},
    {"validation-loss",
     "Validation loss",
     "mean squared error",
     true,
     "The loss on pictures that aren't trained on. When it rises while the training loss falls, "
     "the network learns its pictures by heart.",
     {{{"validation_loss", "weights"}, {"validation_loss_ema", "average of the weights"}}}},
    {"learning-rate",
     "Learning rate",
     "learning rate",
     false,
     "The learning rate of each update.",
     {{{"lr", ""}, {nullptr, nullptr}}}},
    {"gradient-norm",
     "Gradient norm",
     "norm of all gradients",
     true,
     "The length of the gradient before it is clipped. Spikes are batches that the network found "
     "strange.",
     {{{"grad_norm", ""}, {nullptr, nullptr}}}},
    {"speed",
     "Speed",
     "images per second",
     false,
     "Pictures that are trained on in a second.",
     {{{"images_per_second", ""}, {nullptr, nullptr}}}},
    {"memory",
     "Memory",
     "MB resident",
     false,
     "Memory of the process.",
     {{{"memory_mb", ""}, {nullptr, nullptr}}}},
}};

/// The curve, without lines where there are no records of it.
RunCurve curve_of(const CurveOfNumbers& wanted, const RunHistory& history) {
  Plot plot{.title = wanted.title, .x_label = "update", .y_label = wanted.y_label};
  plot.log_y = wanted.log_y;
  for (const Line& line : wanted.lines)
    if (const Trace* trace = line.record ? history.trace(line.record) : nullptr)
      plot.series.push_back(trace_series(*trace, line.label, CurveAxis::kUpdates));
  return {wanted.name, wanted.meaning, std::move(plot)};
}

void add_timestep_curves(std::vector<RunCurve>& curves, const RunHistory& history,
                         const std::string& prefix, const std::string& file,
                         const std::string& title) {
  const std::vector<TimestepTrace> traces = timestep_traces(history, prefix);
  if (traces.empty()) return;
  curves.push_back({file + "-by-timestep",
                    "A line for each tenth of the timesteps, the darker the noisier. Much noise is "
                    "easy to predict; what is learned about details shows in the pale lines.",
                    loss_by_timestep_plot(traces, title + " by timestep")});
  curves.push_back({file + "-profile", "The loss over the timesteps, when the run began and now.",
                    loss_profile_plot(traces, title + " over the timesteps")});
}

/// A record's name as a file's: "recall@1" is recall-1.
std::string file_name(const std::string& record) {
  std::string name;
  for (const char c : record.substr(0, 60)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    if (plain || (!name.empty() && name.back() != '-')) name += plain ? c : '-';
  }
  return "other-" + name;
}

bool is_drawn_elsewhere(const std::string& record) {
  if (record == "loss" || record == "epoch_loss") return true;
  if (record.find('/') != std::string::npos) return true;
  return std::ranges::any_of(kCurves, [&](const CurveOfNumbers& curve) {
    return std::ranges::any_of(
        curve.lines, [&](const Line& line) { return line.record && record == line.record; });
  });
}

void add_others(std::vector<RunCurve>& curves, const RunHistory& history) {
  std::set<std::string> names;
  for (const auto& [record, trace] : history.traces()) {
    if (is_drawn_elsewhere(record) || trace.count() == 0 || names.size() == kMostOthers) continue;
    if (!names.insert(file_name(record)).second) continue;
    Plot plot{.title = record, .x_label = "update", .y_label = record};
    plot.series = {trace_series(trace, "", CurveAxis::kUpdates)};
    curves.push_back({file_name(record), "What the run logged as " + record + ".", plot});
  }
}

}  // namespace

std::vector<RunCurve> run_curves(const RunHistory& history) {
  std::vector<RunCurve> curves;
  if (history.trace("loss"))
    curves.push_back({"loss",
                      "The loss of each micro-batch, and smoothed. Most of its ups and downs are "
                      "the luck of the timesteps that were drawn.",
                      loss_plot(history)});
  const auto add = [&](const CurveOfNumbers& wanted) {
    RunCurve curve = curve_of(wanted, history);
    if (!curve.plot.series.empty()) curves.push_back(std::move(curve));
  };
  add(kCurves[0]);
  add(kCurves[1]);
  add_timestep_curves(curves, history, "loss_at", "loss", "Loss");
  add_timestep_curves(curves, history, "validation_loss_at", "validation-loss", "Validation loss");
  for (size_t i = 2; i < kCurves.size(); ++i) add(kCurves[i]);
  add_others(curves, history);
  return curves;
}

void write_run_curves(const fs::path& run, const RunHistory& history) {
  if (!history.trace("loss")) return;
  const fs::path folder = run / "curves";
  std::error_code error;
  fs::create_directories(folder, error);
  MEZZO_CHECK(!error, folder.string(), ": can't be made: ", error.message());
  for (const RunCurve& curve : run_curves(history)) {
    const std::string svg = render_svg(curve.plot), png = render_png(curve.plot);
    write_file_atomic(folder / (curve.name + ".svg"), svg);
    write_file_atomic(folder / (curve.name + ".png"), png);
    if (curve.name != "loss") continue;
    write_file_atomic(run / "loss.svg", svg);
    write_file_atomic(run / "loss.png", png);
  }
}

}  // namespace mezzotint
