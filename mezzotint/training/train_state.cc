#include "mezzotint/training/train_state.h"

namespace mezzotint {

TrainState::TrainState(const TrainConfig& config, const Learner& learner)
    : parameters(learner.parameters()), optimizer(config, parameters), streams(learner.streams()) {
  accumulation = config.grad_accumulation_steps;
  if (config.ema) ema.emplace(config, parameters);
}

}  // namespace mezzotint
