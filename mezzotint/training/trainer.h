#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "mezzotint/base/cancel.h"
#include "mezzotint/data/loader.h"
#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/training/ema.h"
#include "mezzotint/training/record.h"

namespace mezzotint {

/// Where the pictures come from: batch (epoch, index) must always be the same, so that a run can go
/// on anywhere.
struct BatchSource {
  int64_t micro_batches_per_epoch = 0;
  std::function<Batch(int64_t epoch, int64_t index)> batch;
};
BatchSource batches_of(const Loader& loader);

struct TrainOptions {
  TrainConfig config;
  /// Takes samples/ and checkpoints/; empty: neither is written.
  std::filesystem::path folder;
  int64_t height = 0;  ///< of the pictures, for the samples
  int64_t width = 0;
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

/// Trains the pipeline's network, and its class embedding where it has one, in place: for each
/// micro-batch noise and timesteps are drawn (see TrainState for the streams), the loss flows back,
/// and after each group of micro-batches the optimizer makes an update. Micro-batches left over at
/// the end of an epoch make an update of their own.
///
/// Records: "loss" of each micro-batch; "lr", "grad_norm" and "images_per_second" every log_every
/// updates; "epoch_loss"; pictures "samples" and "before_after"; text "checkpoint" and "resumed".
///
/// @throws Error (kCancelled) when stopped; a checkpoint is written first.
/// @throws Error when the loss or a gradient is not finite, naming update and timesteps;
/// checkpoints stay as they are.
TrainResult train(const Pipeline& pipeline, const BatchSource& source, const TrainOptions& options);

}  // namespace mezzotint
