#include "mezzotint/training/prepared_run.h"

namespace mezzotint {

PreparedRunPtr prepare_run(RunConfig config, StartWeights weights) {
  validate(config.training);
  if (config.data.empty()) fail_usage("training: no data; give --data FOLDER");
  const Recipe& recipe = Registry<Recipe>::at("recipe", config.recipe);
  return recipe.prepare(std::move(config), weights);
}

}  // namespace mezzotint
