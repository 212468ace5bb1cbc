#include "mezzotint/training/prepared_run.h"

namespace mezzotint {

PreparedRunPtr prepare_run(RunConfig config, StartWeights weights) {
  validate(config.training);
  if (config.data.empty()) fail_usage("training: no data; give --data FOLDER");
  validate(config.lora);
  if (config.lora.rank > 0 && config.recipe != "diffusion")
    fail_usage("training: lora: recipe ", config.recipe,
               " trains whole networks; leave out the rank");
  if (weights == StartWeights::kFresh) {  // filled in anew: a file may have another run's
    config.pipeline = nlohmann::json::object();
    config.pictures = 0;
  }
  const Recipe& recipe = Registry<Recipe>::at("recipe", config.recipe);
  return recipe.prepare(std::move(config), weights);
}

}  // namespace mezzotint
