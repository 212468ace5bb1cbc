#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mezzotint/base/random.h"
#include "mezzotint/base/weights.h"
#include "mezzotint/training/ema.h"
#include "mezzotint/training/learner.h"
#include "mezzotint/training/optimizer.h"
#include "mezzotint/training/position.h"

namespace mezzotint {

/// Everything that a run's future depends on: what a checkpoint holds. The data loader has no state
/// of its own: a batch is a function of seed, epoch and number.
struct TrainState {
  TrainState(const TrainConfig& config, const Learner& learner);

  Weights parameters;  ///< the learner's; the gradients of an unfinished update hang on them
  Optimizer optimizer;
  std::optional<Ema> ema;
  std::map<std::string, RandomStream> streams;  ///< the learner's
  Position position{};
  double epoch_loss_sum = 0.0;       ///< of this epoch's micro-batches
  std::vector<double> epoch_losses;  ///< mean loss of each finished epoch
  double seconds = 0.0;              ///< spent so far, interruptions left out
  int64_t accumulation = 1;          ///< micro-batches of a full update

  /// Micro-batches done of an update that isn't done yet.
  int64_t pending() const { return position.batch % accumulation; }
};

}  // namespace mezzotint
