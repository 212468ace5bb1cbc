#include "mezzotint/training/train_state.h"

namespace mezzotint {

Weights trainable_parameters(const Pipeline& pipeline) {
  Weights all;
  for (const auto& [key, tensor] : pipeline.unet->parameters()) all.set("unet." + key, tensor);
  if (pipeline.class_emb.defined()) all.set("class_emb.weight", pipeline.class_emb);
  for (const auto& [key, tensor] : all)
    if (!key.ends_with("time_proj.weight")) tensor.requires_grad_(true);
  return all;
}

TrainState::TrainState(const TrainConfig& config, const Pipeline& pipeline)
    : parameters(trainable_parameters(pipeline)),
      optimizer(config, parameters),
      noise(stream_seed(config.seed, "noise")),
      timesteps(stream_seed(config.seed, "timesteps")),
      dropout(stream_seed(config.seed, "dropout")) {
  accumulation = config.grad_accumulation_steps;
  if (config.ema) ema.emplace(config, parameters);
}

}  // namespace mezzotint
