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
/// Records: "loss" of each micro-batch; "lr", "grad_norm", "images_per_second", "memory_mb" (what
/// the process holds) and what the learner reports every log_every updates; "epoch_loss"; texts
/// "checkpoint", "resumed", "skipped" and "rolled_back"; what the learner shows every
/// log_samples_every updates, and what it validates every validate_every; with an average both of
/// the raw weights and of the average, told apart by an ending of the name.
///
/// A loss or gradient that isn't finite names its layer and timesteps, and then, by on_nonfinite,
/// ends the run ("stop"), leaves the update out ("skip"), or goes back to the newest checkpoint and
/// on with half the learning rate ("rollback").
///
/// @throws Error (kCancelled) when stopped; a checkpoint is written first.
/// @throws Error when the loss or a gradient is not finite; the parameters are those of the newest
/// checkpoint then, if there is one.
TrainResult train(Learner& learner, const TrainOptions& options);

}  // namespace mezzotint
