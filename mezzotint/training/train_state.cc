#include "mezzotint/training/train_state.h"

#include "mezzotint/training/freezing.h"

namespace mezzotint {
namespace {

Weights learning_of(const Weights& parameters, const TrainConfig& config) {
  freeze_parameters(parameters, config.freeze, config.train_only);
  return learning_parameters(parameters);
}

}  // namespace

TrainState::TrainState(const TrainConfig& config, const Learner& from)
    : parameters(from.parameters()),
      optimizer(config, learning_of(parameters, config)),
      streams(from.streams()),
      learner(from.state()) {
  if (config.ema) ema.emplace(config, optimizer.parameters());
}

}  // namespace mezzotint
