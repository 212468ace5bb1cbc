#include "apps/cli/training_plan.h"

#include <cmath>
#include <cstdio>
#include <ctime>

#include "mezzotint/base/counted.h"

#include "apps/cli/progress.h"

namespace mezzotint::cli {
namespace {

std::string batches_line(const PreparedRun& run) {
  const TrainConfig& c = run.config.training;
  std::string line = concat("effective batch ", run.plan.effective_batch);
  if (c.grad_accumulation_steps > 1)
    line += concat(" (", c.grad_accumulation_steps, " micro-batches of ", c.batch_size,
                   ", gradients by ", c.accum_mode, ")");
  return concat(line, ": ", counted(run.plan.updates_per_epoch, "update"), " an epoch, ",
                run.plan.updates, " in all");
}

/// Adam's step doesn't depend on the size of the gradient, only on its noise: averaging N
/// micro-batches lets lr grow by about sqrt(N), and summing them changes next to nothing.
std::string lr_line(const TrainConfig& c) {
  std::string line = concat("learning rate ", c.lr, " (", c.optimizer, ", ", c.lr_schedule,
                            c.warmup > 0 ? concat(", warm-up ", counted(c.warmup, "update")) : "",
                            c.ema ? concat(", EMA ", c.ema_decay) : "", ")");
  if (c.grad_accumulation_steps > 1)
    line += concat("; if it was found without accumulation, try up to sqrt(",
                   c.grad_accumulation_steps, ") times it");
  return line;
}

}  // namespace

std::vector<std::string> plan_in_words(const PreparedRun& run, const Position& start) {
  std::vector<std::string> lines = run.describe();
  lines.push_back(batches_line(run));
  lines.push_back(lr_line(run.config.training));
  if (start.micro_batch > 0)
    lines.push_back(concat("going on after update ", start.update, ", epoch ", start.epoch + 1));
  return lines;
}

std::string duration_in_words(double seconds) {
  const std::time_t end = std::time(nullptr) + std::llround(seconds);
  std::tm local{};
  localtime_r(&end, &local);
  char clock[32];
  std::strftime(clock, sizeof clock, seconds < 12 * 3600 ? "%H:%M" : "%a %H:%M", &local);
  return concat("about ", duration_text(seconds), " in all, until ", clock);
}

std::string update_time_text(const RunForecast& forecast) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g s", forecast.seconds_per_update);
  return text;
}

std::string forecast_in_words(const RunForecast& forecast) {
  return concat("forecast: ", update_time_text(forecast), " an update, ",
                duration_in_words(forecast.seconds));
}

nlohmann::json forecast_as_json(const std::optional<RunForecast>& forecast) {
  if (!forecast) return nullptr;
  return {{"peak_memory_mb", forecast->peak_bytes / 1e6},
          {"seconds_per_update", forecast->seconds_per_update},
          {"seconds", forecast->seconds}};
}

}  // namespace mezzotint::cli
