#include "apps/cli/training_session.h"

#include <cstdio>
#include <memory>

#include "mezzotint/report/loss_curve.h"

#include "apps/cli/device.h"
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
                const Position& start)
      : console_(console),
        epochs_(run.config.training.num_epochs),
        progress_(console, label, static_cast<size_t>(run.plan.updates), "update",
                  static_cast<size_t>(start.update)) {}

  void log(const Record& record) override {
    if (record.name == "loss") return show_loss(record);
    if (record.name == "epoch_loss")
      console_.say(concat("epoch ", record.at.epoch + 1, "/", epochs_, ": mean loss ",
                          short_number(*record.number())));
    else if (const auto* image = record.image())
      console_.detail(concat(record.name, ": ", image->string()));
    else if (record.text())
      console_.detail(concat(record.name, ": ", *record.text()));
  }
  void finish() override { progress_.finish(); }

 private:
  void show_loss(const Record& record) {
    constexpr double kMemory = 0.98;
    total_ = kMemory * total_ + (1 - kMemory) * *record.number();
    weight_ = kMemory * weight_ + (1 - kMemory);
    progress_.update(static_cast<size_t>(record.at.update),
                     "loss " + short_number(total_ / weight_));
  }

  const Console& console_;
  int64_t epochs_;
  Progress progress_;
  double total_ = 0;  ///< running mean of the loss, and the weight that it has gathered
  double weight_ = 0;
};

}  // namespace

RunHooks watched(Context& context, const std::string& label, const std::filesystem::path& folder) {
  RunHooks hooks;
  hooks.cancel = context.cancel;
  hooks.on_start = [&context, label, folder](const PreparedRun& run, const Position& start) {
    for (const std::string& note : run.notes) context.console.warn(note);
    for (const std::string& line : plan_in_words(run, start)) context.console.say(line);
    return std::vector<LoggerPtr>{
        std::make_shared<LossCurve>(folder, run.config.training.log_samples_every),
        std::make_shared<ConsoleLogger>(context.console, label, run, start)};
  };
  return hooks;
}

void report(const Context& context, const std::filesystem::path& folder, const RunResult& result) {
  const TrainResult& train = result.train;
  context.console.say("model: " + result.model.string());
  const std::filesystem::path adapter = folder / "adapter";
  const bool has_adapter = std::filesystem::exists(adapter);
  if (has_adapter) context.console.say("adapter: " + adapter.string());
  const std::filesystem::path strip = folder / "samples/before-after.png";
  const bool has_strip = std::filesystem::exists(strip);
  if (has_strip) context.console.say("before and after: " + strip.string());
  context.console.say("loss curve: " + (folder / "loss.svg").string());
  if (!context.global.json) return;
  print_json(
      {{"schema", "mezzotint/train/1"},
       {"folder", folder.string()},
       {"model", result.model.string()},
       {"adapter", has_adapter ? nlohmann::json(adapter.string()) : nlohmann::json(nullptr)},
       {"before_after", has_strip ? nlohmann::json(strip.string()) : nlohmann::json(nullptr)},
       {"updates", train.position.update},
       {"micro_batches", train.position.micro_batch},
       {"images", train.position.images},
       {"epoch_losses", train.epoch_losses},
       {"seconds", train.seconds}});
}

c10::Device prepare_training_device(const GlobalOptions& options) {
  const c10::Device device = prepare_device(options);
  if (!device.is_cpu() && options.device != "auto")
    fail_usage("--device ", options.device, ": training runs on the CPU in this version");
  return c10::kCPU;
}

}  // namespace mezzotint::cli
