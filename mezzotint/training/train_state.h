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
  TrainState(const TrainConfig& config, const Learner& from);

  Weights parameters;      ///< the learner's; the gradients of an unfinished update hang on them
  Optimizer optimizer;     ///< of those that learn
  std::optional<Ema> ema;  ///< of those that learn
  std::map<std::string, RandomStream> streams;  ///< the learner's
  Weights learner;                              ///< Learner::state()
  Position position{};
  double epoch_loss_sum = 0.0;        ///< of this epoch's micro-batches
  std::vector<double> epoch_losses;   ///< mean loss of each finished epoch
  double seconds = 0.0;               ///< spent so far, interruptions left out
  int64_t pending = 0;                ///< micro-batches done of an update that isn't done yet
  int64_t validated_at = -1;          ///< the update of the last validation
  int64_t epoch_losses_left_out = 0;  ///< of this epoch's micro-batches: they weren't finite
  double lr_scale = 1.0;  ///< on the learning rate: halved when a run went back (on_nonfinite)
  int64_t skipped_in_a_row = 0;  ///< updates
};

}  // namespace mezzotint
