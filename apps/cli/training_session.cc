#include "apps/cli/training_session.h"

#include <cstdio>
#include <memory>

#include <ATen/Parallel.h>

#include "mezzotint/base/resident_memory.h"
#include "mezzotint/base/version.h"
#include "mezzotint/report/live_report.h"
#include "mezzotint/training/run_forecasts.h"

#include "apps/cli/cpu_name.h"
#include "apps/cli/device.h"
#include "apps/cli/indexed_run.h"
#include "apps/cli/progress.h"
#include "apps/cli/training_plan.h"

namespace mezzotint::cli {
namespace {

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

/// Records as a bar with the running loss, and lines above it.
class ConsoleLogger : public Logger {
 public:
  ConsoleLogger(const Console& console, const std::string& label, const PreparedRun& run,
                const Position& start, Told told)
      : console_(console),
        told_(told),
        epochs_(run.config.training.num_epochs),
        progress_(console, label, static_cast<size_t>(run.plan.updates), "update",
                  static_cast<size_t>(start.update)) {}

  void log(const Record& record) override {
    if (record.name == "loss") return show_loss(record);
    if (record.name == "epoch_loss")
      say_epoch(concat("epoch ", record.at.epoch + 1, "/", epochs_, ": mean loss ",
                       short_number(*record.number())));
    else if (record.name == "skipped" || record.name == "rolled_back")
      console_.warn(concat(record.name == "skipped" ? "update left out: " : "", *record.text()));
    else if (const auto* image = record.image())
      console_.detail(concat(record.name, ": ", image->string()));
    else if (record.text())
      console_.detail(concat(record.name, ": ", *record.text()));
  }
  void finish() override { progress_.finish(); }

 private:
  void say_epoch(const std::string& line) const {
    told_ == Told::kWhole ? console_.say(line) : console_.detail(line);
  }

  void show_loss(const Record& record) {
    constexpr double kMemory = 0.98;
    total_ = kMemory * total_ + (1 - kMemory) * *record.number();
    weight_ = kMemory * weight_ + (1 - kMemory);
    progress_.update(static_cast<size_t>(record.at.update),
                     "loss " + short_number(total_ / weight_));
  }

  const Console& console_;
  Told told_;
  int64_t epochs_;
  Progress progress_;
  double total_ = 0;  ///< running mean of the loss, and the weight that it has gathered
  double weight_ = 0;
};

/// What the page of a run says of it besides its records.
RunSession session_of(const PreparedRun& run) {
  RunSession session;
  session.updates = run.plan.updates;
  session.version = version();
  session.processor = cpu_name();
  session.threads = at::get_num_threads();
  session.about = run.describe();
  return session;
}

}  // namespace

WatchedRun watched(Context& context, const std::string& label, const std::filesystem::path& folder,
                   const std::function<RunResult(const RunHooks& hooks)>& run, Told told) {
  std::shared_ptr<LiveReport> page;
  std::optional<RunForecast> forecast;
  RunHooks hooks;
  hooks.cancel = context.cancel;
  hooks.on_start = [&, told](const PreparedRun& prepared, const Position& start) {
    for (const std::string& note : prepared.notes) context.console.warn(note);
    for (const std::string& line : plan_in_words(prepared, start))
      told == Told::kWhole ? context.console.say(line) : context.console.detail(line);
    RunSession session = session_of(prepared);
    if (!context.console.quiet() && start.update < prepared.plan.updates)
      forecast = RunForecasts().of(prepared, start);
    if (forecast) {
      session.about.push_back(forecast_in_words(*forecast));
      context.console.say(session.about.back());
    }
    page = std::make_shared<LiveReport>(
        folder, prepared.config, session, start,
        [&context](const std::string& line) { context.console.warn(line); });
    context.console.say("live: " + (folder / "report.html").string());
    return std::vector<LoggerPtr>{
        page, std::make_shared<ConsoleLogger>(context.console, label, prepared, start, told)};
  };
  try {
    RunResult result = indexed_run(context, folder, hooks, run);
    if (page) {
      page->end("done");
      context.console.detail(concat("pages and pictures of the run took ",
                                    short_number(page->spent()), " s of ",
                                    short_number(result.train.seconds), " s"));
    }
    return {std::move(result), forecast};
  } catch (const std::exception& error) {
    const auto* known = dynamic_cast<const Error*>(&error);
    const bool stopped = known && known->kind() == ErrorKind::kCancelled;
    if (page) page->end(stopped ? "stopped" : "failed", error.what());
    throw;
  }
}

void report(const Context& context, const std::filesystem::path& folder, const WatchedRun& run) {
  const TrainResult& train = run.result.train;
  context.console.say("model: " + run.result.model.string());
  const std::filesystem::path adapter = folder / "adapter";
  const bool has_adapter = std::filesystem::exists(adapter);
  if (has_adapter) context.console.say("adapter: " + adapter.string());
  const std::filesystem::path strip = folder / "samples/before-after.png";
  const bool has_strip = std::filesystem::exists(strip);
  if (has_strip) context.console.say("before and after: " + strip.string());
  context.console.say("report: " + (folder / "report.html").string());
  if (!context.global.json) return;
  print_json(
      {{"schema", "mezzotint/train/1"},
       {"folder", folder.string()},
       {"model", run.result.model.string()},
       {"adapter", has_adapter ? nlohmann::json(adapter.string()) : nlohmann::json(nullptr)},
       {"before_after", has_strip ? nlohmann::json(strip.string()) : nlohmann::json(nullptr)},
       {"updates", train.position.update},
       {"micro_batches", train.position.micro_batch},
       {"images", train.position.images},
       {"epoch_losses", train.epoch_losses},
       {"seconds", train.seconds},
       {"peak_memory_mb", static_cast<double>(peak_resident_memory()) / 1e6},
       {"forecast", forecast_as_json(run.forecast)}});
}

void say_plan(const Context& context, const RunConfig& config) {
  const PreparedRunPtr run = prepare_run(config);
  for (const std::string& note : run->notes) context.console.warn(note);
  for (const std::string& line : plan_in_words(*run, {})) context.console.say(line);
  const auto forecast = RunForecasts().of(*run, {});
  if (forecast) context.console.say(forecast_in_words(*forecast));
  context.console.say("nothing was written: --dry-run");
  if (!context.global.json) return;
  const TrainConfig& training = run->config.training;
  print_json({{"schema", "mezzotint/plan/1"},
              {"updates", run->plan.updates},
              {"updates_per_epoch", run->plan.updates_per_epoch},
              {"effective_batch", run->plan.effective_batch},
              {"batch_size", training.batch_size},
              {"grad_accumulation_steps", training.grad_accumulation_steps},
              {"gradient_checkpointing", training.gradient_checkpointing},
              {"forecast", forecast_as_json(forecast)}});
}

c10::Device prepare_training_device(const GlobalOptions& options) {
  const c10::Device device = prepare_device(options);
  if (!device.is_cpu() && options.device != "auto")
    fail_usage("--device ", options.device, ": training runs on the CPU in this version");
  return c10::kCPU;
}

}  // namespace mezzotint::cli
