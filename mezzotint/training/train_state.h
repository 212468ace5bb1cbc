#pragma once

#include <optional>
#include <vector>

#include "mezzotint/base/random.h"
#include "mezzotint/base/weights.h"
#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/training/ema.h"
#include "mezzotint/training/optimizer.h"
#include "mezzotint/training/position.h"

namespace mezzotint {

/// Everything that a run's future depends on: what a checkpoint holds. The data loader has no state
/// of its own: a batch is a function of seed, epoch and number.
struct TrainState {
  TrainState(const TrainConfig& config, const Pipeline& pipeline);

  /// "unet.KEY" and "class_emb.weight"; the gradients of an unfinished update hang on them.
  Weights parameters;
  Optimizer optimizer;
  std::optional<Ema> ema;
  /// torch.Generator().manual_seed(stream_seed(seed, "noise")): randn(x0.shape) for each
  /// micro-batch.
  RandomStream noise;
  /// The same of "timesteps": randint(0, num_train_timesteps, [B]) for each micro-batch.
  RandomStream timesteps;
  RandomStream dropout;  ///< of "dropout": what the network's dropout layers draw from
  Position position{};
  double epoch_loss_sum = 0.0;       ///< of this epoch's micro-batches
  std::vector<double> epoch_losses;  ///< mean loss of each finished epoch
  double seconds = 0.0;              ///< spent so far, interruptions left out
  int64_t accumulation = 1;          ///< micro-batches of a full update

  /// Micro-batches done of an update that isn't done yet.
  int64_t pending() const { return position.batch % accumulation; }
};

/// The pipeline's parameters under the keys of a checkpoint; each requires a gradient from now on,
/// but for the frequencies of a Fourier time embedding, which don't learn in diffusers either.
Weights trainable_parameters(const Pipeline& pipeline);

}  // namespace mezzotint
