#include "mezzotint/training/train_config.h"

#include <algorithm>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

void at_least(const char* name, int64_t value, int64_t least) {
  constexpr int64_t kMost = 1'000'000'000;
  if (value < least) fail_usage(name, ": got ", value, ", wanted ", least, " or more");
  if (value > kMost) fail_usage(name, ": got ", value, ", wanted ", kMost, " or less");
}

void within(const char* name, double value, double low, double high) {
  if (!(value >= low && value <= high))
    fail_usage(name, ": got ", value, ", wanted a number from ", low, " to ", high);
}

}  // namespace

void validate(const TrainConfig& c) {
  at_least("batch_size", c.batch_size, 1);
  at_least("num_epochs", c.num_epochs, 1);
  at_least("max_train_steps", c.max_train_steps, 0);
  at_least("grad_accumulation_steps", c.grad_accumulation_steps, 1);
  at_least("min_timestep", c.min_timestep, 0);
  at_least("max_timestep", c.max_timestep, 0);
  if (c.max_timestep > 0 && c.max_timestep <= c.min_timestep)
    fail_usage("max_timestep: got ", c.max_timestep, ", wanted more than min_timestep, which is ",
               c.min_timestep);
  within("logit_mean", c.logit_mean, -10.0, 10.0);
  within("logit_std", c.logit_std, 0.01, 10.0);
  within("noise_offset", c.noise_offset, 0.0, 10.0);
  within("input_perturbation", c.input_perturbation, 0.0, 10.0);
  within("label_dropout", c.label_dropout, 0.0, 1.0);
  within("snr_gamma", c.snr_gamma, 0.0, 1e12);
  within("lr", c.lr, 0.0, 1e3);
  within("adam_beta1", c.adam_beta1, 0.0, 0.9999999);
  within("adam_beta2", c.adam_beta2, 0.0, 0.9999999);
  within("adam_weight_decay", c.adam_weight_decay, 0.0, 1e3);
  within("adam_epsilon", c.adam_epsilon, 0.0, 1.0);
  within("max_grad_norm", c.max_grad_norm, 0.0, 1e12);
  at_least("warmup", c.warmup, 0);
  within("lr_gamma", c.lr_gamma, 0.0, 1.0);
  within("ema_decay", c.ema_decay, 0.0, 1.0);
  within("ema_min_decay", c.ema_min_decay, 0.0, 1.0);
  at_least("ema_update_after_step", c.ema_update_after_step, 0);
  within("ema_inv_gamma", c.ema_inv_gamma, 1e-9, 1e12);
  within("ema_power", c.ema_power, 0.0, 100.0);
  at_least("log_every", c.log_every, 1);
  at_least("log_samples_every", c.log_samples_every, 0);
  at_least("sample_count", c.sample_count, 0);
  at_least("sample_steps", c.sample_steps, 1);
  at_least("validation_count", c.validation_count, 0);
  at_least("validate_every", c.validate_every, 1);
  at_least("log_histograms_every", c.log_histograms_every, 0);
  at_least("save_model_every", c.save_model_every, 0);
  at_least("keep_checkpoints", c.keep_checkpoints, 1);
}

int64_t TrainPlan::group_size(int64_t batch) const {
  if (carries) return accumulation;
  const int64_t first = batch / accumulation * accumulation;
  return std::min(accumulation, micro_batches_per_epoch - first);
}

bool TrainPlan::completes_update(int64_t batch) const {
  return batch % accumulation + 1 == group_size(batch);
}

TrainPlan plan_training(const TrainConfig& config, int64_t micro_batches_per_epoch) {
  TrainPlan plan;
  plan.accumulation = config.grad_accumulation_steps;
  plan.carries = config.accum_leftover == "carry";
  plan.micro_batches_per_epoch = micro_batches_per_epoch;
  if (plan.carries && micro_batches_per_epoch < plan.accumulation)
    fail_usage("accum_leftover carry: an epoch has ",
               counted(micro_batches_per_epoch, "micro-batch", "es"), ", so that ",
               plan.accumulation, " never come together; lower grad_accumulation_steps");
  const int64_t leftover = plan.carries ? 0 : plan.accumulation - 1;
  plan.updates_per_epoch = (micro_batches_per_epoch + leftover) / plan.accumulation;
  plan.updates = plan.updates_per_epoch * config.num_epochs;
  if (config.max_train_steps > 0) plan.updates = std::min(plan.updates, config.max_train_steps);
  plan.effective_batch = config.batch_size * config.grad_accumulation_steps;
  return plan;
}

}  // namespace mezzotint
