#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "mezzotint/base/cancel.h"
#include "mezzotint/training/ema.h"
#include "mezzotint/training/learner.h"
#include "mezzotint/training/record.h"

namespace mezzotint {

struct TrainOptions {
  TrainConfig config;
  std::filesystem::path folder;  ///< takes checkpoints/; empty: none are written
  std::vector<LoggerPtr> loggers;
  CancelToken cancel;
  std::optional<std::filesystem::path> resume_from;  ///< a checkpoint
};

struct TrainResult {
  Position position;
  std::vector<double> epoch_losses;  ///< mean loss of each epoch
  double seconds = 0.0;              ///< interruptions left out
  std::optional<Ema> ema;            ///< when config.ema
};

/// Trains what the learner has, in place: its losses flow back, and after each group of
/// micro-batches the optimizer makes an update. Micro-batches left over at the end of an epoch make
/// an update of their own.
///
/// Records: "loss" of each micro-batch; "lr", "grad_norm" and "images_per_second" every log_every
/// updates; "epoch_loss"; text "checkpoint" and "resumed"; and what the learner shows every
/// log_samples_every updates.
///
/// @throws Error (kCancelled) when stopped; a checkpoint is written first.
/// @throws Error when the loss or a gradient is not finite, naming the update;
/// checkpoints stay as they are.
TrainResult train(Learner& learner, const TrainOptions& options);

}  // namespace mezzotint
