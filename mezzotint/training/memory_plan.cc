#include "mezzotint/training/memory_plan.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "mezzotint/base/byte_size.h"
#include "mezzotint/base/error.h"
#include "mezzotint/pipelines/cost.h"
#include "mezzotint/training/freezing.h"
#include "mezzotint/training/slices.h"

namespace mezzotint {
namespace {

// Measured on celebahq at 128 pixels and emoji-32 (docs/performance.md, docs/training.md).
/// What computing blocks again costs of a step.
constexpr double kRecomputing = 0.33;
/// What a micro-batch costs however few its pictures are, in pictures: filters are transformed,
/// gradients of weights are added up.
constexpr double kFixedPictures = 0.2;

double relative_time(const MemoryPlan& plan, const TrainConfig& config) {
  const auto cost = [](double batch, double steps, bool recomputes) {
    return (batch + kFixedPictures) * steps * (recomputes ? 1 + kRecomputing : 1);
  };
  return cost(static_cast<double>(plan.batch_size),
              static_cast<double>(plan.grad_accumulation_steps), plan.gradient_checkpointing) /
         cost(static_cast<double>(config.batch_size),
              static_cast<double>(config.grad_accumulation_steps), config.gradient_checkpointing);
}

/// How many numbers learn, if not all.
std::optional<int64_t> learned_numbers(const UNet2DModel& unet, const TrainConfig& config) {
  const bool adapted = !unet.adapter().empty();
  if (!adapted && config.freeze.empty() && config.train_only.empty()) return std::nullopt;
  int64_t count = 0;
  for (const auto& [key, tensor] : adapted ? unet.adapter().parameters() : unet.parameters())
    if (learns("unet." + key, config.freeze, config.train_only)) count += tensor.numel();
  return count;
}

std::string in_words(const MemoryPlan& plan) {
  return concat("batch_size ", plan.batch_size, ", grad_accumulation_steps ",
                plan.grad_accumulation_steps,
                plan.gradient_checkpointing ? ", gradient_checkpointing" : "", ": about ",
                std::llround(plan.bytes / 1e6), " MB");
}

}  // namespace

double peak_memory(const UNet2DModel& unet, const TrainConfig& config, const MemoryNeeds& needs) {
  const int64_t at_once = pictures_at_once(
      config.batch_size, slices_of(unet, config.batch_size, needs.height, needs.width));
  TrainingMemory how = {.gradient_checkpointing = config.gradient_checkpointing,
                        .all_gradients = config.max_grad_norm > 0 || config.on_nonfinite == "skip",
                        .accumulates = config.grad_accumulation_steps > 1,
                        .ema = config.ema};
  how.learned = learned_numbers(unet, config);
  how.beside = !unet.adapter().empty();
  return training_memory(unet, at_once, needs.height, needs.width, how) + needs.data_bytes;
}

std::vector<MemoryPlan> memory_plans(const UNet2DModel& unet, const TrainConfig& config,
                                     const MemoryNeeds& needs) {
  const int64_t pictures = config.batch_size * config.grad_accumulation_steps;
  // Sums and squares of losses aren't those of their parts.
  const bool may_be_cut = config.accum_mode == "mean" && config.backward_of == "loss";
  std::vector<MemoryPlan> plans;
  TrainConfig tried = config;
  for (tried.batch_size = 1; tried.batch_size <= pictures; ++tried.batch_size) {
    if (pictures % tried.batch_size) continue;
    if (!may_be_cut && tried.batch_size != config.batch_size) continue;
    tried.grad_accumulation_steps = pictures / tried.batch_size;
    for (const bool checkpointing : {false, true}) {
      if (config.gradient_checkpointing && !checkpointing) continue;
      tried.gradient_checkpointing = checkpointing;
      MemoryPlan plan{tried.batch_size, tried.grad_accumulation_steps, checkpointing,
                      peak_memory(unet, tried, needs)};
      plan.relative_time = relative_time(plan, config);
      plans.push_back(plan);
    }
  }
  std::ranges::stable_sort(plans, {}, &MemoryPlan::relative_time);
  return plans;
}

std::string fit_memory(TrainConfig& config, const UNet2DModel& unet, const MemoryNeeds& needs) {
  if (config.memory.empty()) return "";
  const auto limit = byte_size(config.memory);
  if (!limit) fail_usage("memory: got '", config.memory, "', wanted a size such as 800M or 4G");
  const std::vector<MemoryPlan> plans = memory_plans(unet, config, needs);
  const auto fitting = std::ranges::find_if(
      plans, [&](const MemoryPlan& plan) { return plan.bytes <= static_cast<double>(*limit); });
  if (fitting == plans.end())
    fail_usage("memory: ", config.memory, " is too little; the least that trains this network is ",
               in_words(*std::ranges::min_element(plans, {}, &MemoryPlan::bytes)),
               ". Smaller pictures, no ema or no max_grad_norm take less");
  const std::string said = concat("to fit into ", config.memory, ": ", in_words(*fitting), ", ",
                                  std::round(100 * fitting->relative_time) / 100,
                                  " of the time that the given batch would take");
  config.batch_size = fitting->batch_size;
  config.grad_accumulation_steps = fitting->grad_accumulation_steps;
  config.gradient_checkpointing = fitting->gradient_checkpointing;
  config.memory.clear();
  return said;
}

}  // namespace mezzotint
