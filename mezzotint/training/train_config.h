#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mezzotint {

/// How a network is trained. Names that the course's script has are the script's.
struct TrainConfig {
  int64_t batch_size = 4;
  int64_t num_epochs = 2;
  int64_t max_train_steps = 0;
  int64_t grad_accumulation_steps = 1;
  std::string accum_mode = "mean";
  std::string accum_leftover = "update";
  bool gradient_checkpointing = false;
  std::string memory;
  std::vector<std::string> freeze;
  std::vector<std::string> train_only;
  double label_dropout = 0.0;
  std::string timestep_sampler = "uniform";
  int64_t min_timestep = 0;
  int64_t max_timestep = 0;
  double logit_mean = 0.0;
  double logit_std = 1.0;
  double noise_offset = 0.0;
  double input_perturbation = 0.0;
  double snr_gamma = 0.0;
  std::string backward_of = "loss";
  std::string on_nonfinite = "stop";
  uint64_t seed = 0;

  std::string optimizer = "adamw";
  double lr = 1e-4;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_weight_decay = 0.01;
  double adam_epsilon = 1e-8;
  double max_grad_norm = 0.0;
  std::string lr_schedule = "constant";
  int64_t warmup = 0;
  double lr_gamma = 0.9;

  bool ema = false;
  double ema_decay = 0.9999;
  double ema_min_decay = 0.0;
  int64_t ema_update_after_step = 0;
  bool ema_warmup = false;
  double ema_inv_gamma = 1.0;
  double ema_power = 2.0 / 3.0;

  int64_t log_every = 10;
  int64_t log_samples_every = 250;
  int64_t sample_count = 8;
  int64_t sample_steps = 20;
  std::string sample_scheduler = "ddim";
  int64_t validation_count = 0;
  int64_t validate_every = 250;
  int64_t log_histograms_every = 0;
  int64_t save_model_every = 500;
  int64_t keep_checkpoints = 2;

  void fields(auto& f) {
    f("batch_size", batch_size, "pictures in one micro-batch");
    f("num_epochs", num_epochs, "times through the data");
    f("max_train_steps", max_train_steps,
      "stop after this many updates (0: when the epochs are done)");
    f("grad_accumulation_steps", grad_accumulation_steps, "micro-batches in one update");
    f("accum_mode", accum_mode,
      "gradients of an update's micro-batches: their mean, or their sum as in the course",
      {"mean", "sum"});
    f("accum_leftover", accum_leftover,
      "micro-batches left over at the end of an epoch: an update of their own, or carried into the "
      "next epoch's first as in the course",
      {"update", "carry"});
    f("gradient_checkpointing", gradient_checkpointing,
      "compute residual blocks again in the backward pass rather than keep them: less memory, a "
      "third more work, the same numbers");
    f("memory", memory,
      "the most memory that the run may take, as 4G: batch, accumulation and checkpointing are "
      "chosen so that the same updates fit");
    f("freeze", freeze, "parameters that don't learn: patterns of their names, as down_blocks.*");
    f("train_only", train_only, "the only parameters that learn: patterns, as *attentions*");
    f("label_dropout", label_dropout,
      "share of the pictures that are learned without their class, for classifier-free guidance");
    f("timestep_sampler", timestep_sampler,
      "how timesteps are drawn: all alike, one from each of as many ranges as there are pictures, "
      "by a logit-normal density, or where the loss is large (weighted, so that its mean stays)",
      {"uniform", "stratified", "logit_normal", "loss_second_moment"});
    f("min_timestep", min_timestep, "the first timestep that is drawn");
    f("max_timestep", max_timestep,
      "the timestep before which drawing ends (0: all; the course's 999 leaves out the last)");
    f("logit_mean", logit_mean, "of logit_normal: above 0 draws more noise");
    f("logit_std", logit_std, "of logit_normal");
    f("noise_offset", noise_offset,
      "add this much noise of one value for a whole channel, for darker and brighter pictures");
    f("input_perturbation", input_perturbation,
      "add this much more noise to what the network sees than it is to find");
    f("snr_gamma", snr_gamma,
      "weigh timesteps by min-SNR with this gamma, 5 in its paper (0: all alike)");
    f("backward_of", backward_of,
      "what flows back: the loss, or half its square, as the course's loss.backward(loss) has it",
      {"loss", "half_square"});
    f("on_nonfinite", on_nonfinite,
      "when the loss or a gradient isn't finite: stop, skip the update, or go back to the last "
      "checkpoint and on with half the learning rate",
      {"stop", "skip", "rollback"});
    f("seed", seed, "seed of noise, timesteps, shuffle, initialisation and samples");
    f("optimizer", optimizer, "adamw (decoupled weight decay) or adam", {"adamw", "adam"});
    f("lr", lr, "learning rate");
    f("adam_beta1", adam_beta1, "decay of the mean gradient");
    f("adam_beta2", adam_beta2, "decay of the mean squared gradient");
    f("adam_weight_decay", adam_weight_decay, "weight decay of adamw (adam here has none)");
    f("adam_epsilon", adam_epsilon, "added to the denominator");
    f("max_grad_norm", max_grad_norm, "clip gradients to this global norm (0: never)");
    f("lr_schedule", lr_schedule,
      "how the learning rate goes: exponential is per epoch, by lr_gamma",
      {"constant", "linear", "cosine", "exponential"});
    f("warmup", warmup, "updates over which the learning rate rises from 0");
    f("lr_gamma", lr_gamma, "factor per epoch of the exponential schedule");
    f("ema", ema,
      "keep an exponential moving average of the weights: samples are drawn with both, the average "
      "is the model in the end, the raw weights lie beside it");
    f("ema_decay", ema_decay, "largest decay of the average");
    f("ema_min_decay", ema_min_decay, "smallest decay of the average");
    f("ema_update_after_step", ema_update_after_step, "updates before averaging begins");
    f("ema_warmup", ema_warmup,
      "decay 1 - (1 + n / ema_inv_gamma)^-ema_power in place of (1 + n) / (10 + n)");
    f("ema_inv_gamma", ema_inv_gamma, "of ema_warmup");
    f("ema_power", ema_power, "of ema_warmup");
    f("log_every", log_every, "updates between reports of learning rate, gradient norm and speed");
    f("log_samples_every", log_samples_every,
      "updates between sample grids (0: only before and after)");
    f("sample_count", sample_count, "pictures in a sample grid (0: no samples at all)");
    f("sample_steps", sample_steps, "denoising steps of a sample");
    f("sample_scheduler", sample_scheduler, "scheduler of the samples");
    f("validation_count", validation_count,
      "pictures whose loss is taken with noise that stays the same: of the data's test split, or "
      "held out where there is none (0: no validation)");
    f("validate_every", validate_every, "updates between validations");
    f("log_histograms_every", log_histograms_every,
      "updates between histograms of weights and gradients (0: none)");
    f("save_model_every", save_model_every, "updates between checkpoints (0: only at the end)");
    f("keep_checkpoints", keep_checkpoints, "newest checkpoints kept");
  }
};

/// @throws Error (kUsage) naming the field, its value and what it may be.
void validate(const TrainConfig& config);

/// What a configuration amounts to on data of a known length.
struct TrainPlan {
  int64_t micro_batches_per_epoch = 0;
  int64_t updates_per_epoch = 0;
  int64_t updates = 0;          ///< in all
  int64_t accumulation = 1;     ///< micro-batches in a full update
  int64_t effective_batch = 0;  ///< pictures in a full update
  bool carries = false;         ///< an epoch's leftover waits for the next epoch's first update

  /// Micro-batches in the update that micro-batch `batch` (0 for the first) of an epoch belongs to:
  /// fewer in the epoch's last one, unless it carries.
  int64_t group_size(int64_t batch) const;
  /// Whether an update follows on micro-batch `batch`.
  bool completes_update(int64_t batch) const;
};
TrainPlan plan_training(const TrainConfig& config, int64_t micro_batches_per_epoch);

}  // namespace mezzotint
