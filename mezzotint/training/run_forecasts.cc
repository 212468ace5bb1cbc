#include "mezzotint/training/run_forecasts.h"

#include "mezzotint/base/fields.h"

namespace mezzotint {
namespace {

/// Settings that change what is learned, how long, and how often it is shown, but not how long a
/// micro-batch or a picture takes.
constexpr const char* kSamePace[] = {"lr",
                                     "seed",
                                     "adam_beta1",
                                     "adam_beta2",
                                     "adam_epsilon",
                                     "lr_schedule",
                                     "warmup",
                                     "lr_gamma",
                                     "num_epochs",
                                     "ema_decay",
                                     "ema_power",
                                     "max_train_steps",
                                     "ema_warmup",
                                     "ema_inv_gamma",
                                     "ema_min_decay",
                                     "ema_update_after_step",
                                     "sample_steps",
                                     "log_every",
                                     "adam_weight_decay",
                                     "log_samples_every",
                                     "tensorboard",
                                     "validate_every",
                                     "save_model_every",
                                     "keep_checkpoints",
                                     "grad_accumulation_steps"};

/// The same text for runs of the same pace.
std::string work_of(const RunConfig& config) {
  nlohmann::json work = to_json(config);
  for (const char* name : kSamePace) work["training"].erase(name);
  for (const char* name : {"data", "pictures", "command_line"}) work.erase(name);
  return work.dump();
}

}  // namespace

std::optional<RunForecast> RunForecasts::of(const PreparedRun& run, const Position& start) {
  const std::string work = work_of(run.config);
  auto found = measured_.find(work);
  if (found == measured_.end()) found = measured_.emplace(work, run.pace()).first;
  if (!found->second) return std::nullopt;
  return run.forecast(start, *found->second);
}

}  // namespace mezzotint
