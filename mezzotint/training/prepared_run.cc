#include "mezzotint/training/prepared_run.h"

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/training/freezing.h"

namespace mezzotint {
namespace {

/// Settings of denoising that another recipe would pass over without a word.
void refuse_denoising_settings(const RunConfig& config) {
  const nlohmann::json usual = to_json(TrainConfig()), chosen = to_json(config.training);
  for (const char* name :
       {"memory", "gradient_checkpointing", "label_dropout", "timestep_sampler", "min_timestep",
        "max_timestep", "noise_offset", "input_perturbation", "snr_gamma", "validation_count"})
    if (chosen.at(name) != usual.at(name))
      fail_usage("training: ", name, " is of recipe diffusion; recipe ", config.recipe,
                 " has nothing like it");
}

/// Patterns that name nothing, before anything is written. A learner is made for them alone: that
/// of a CLIP reads all its texts.
void check_patterns(PreparedRun& run) {
  const TrainConfig& training = run.config.training;
  if (training.freeze.empty() && training.train_only.empty()) return;
  freeze_parameters(run.learner({})->parameters(), training.freeze, training.train_only);
}

}  // namespace

void check_work_is_left(const std::filesystem::path& folder, const Position& at,
                        const TrainPlan& plan) {
  if (at.update >= plan.updates)
    fail_usage(folder.string(), ": nothing is left to do: ", counted(at.update, "update"),
               " are done, and ", plan.updates,
               " wanted; give more by --max-train-steps and --num-epochs");
}

PreparedRunPtr prepare_run(RunConfig config, StartWeights weights) {
  validate(config.training);
  if (config.data.empty()) fail_usage("training: no data; give --data FOLDER");
  validate(config.lora);
  if (config.lora.rank > 0 && config.recipe != "diffusion")
    fail_usage("training: lora: recipe ", config.recipe,
               " trains whole networks; leave out the rank");
  if (config.recipe != "diffusion") refuse_denoising_settings(config);
  const TrainConfig& training = config.training;
  if (training.validation_count == 0 && training.validate_every != TrainConfig().validate_every)
    fail_usage("validate_every: there are no pictures to validate on; give validation_count");
  if (weights == StartWeights::kFresh) {  // filled in anew: a file may have another run's
    config.pipeline = nlohmann::json::object();
    config.pictures = 0;
  }
  const Recipe& recipe = Registry<Recipe>::at("recipe", config.recipe);
  PreparedRunPtr run = recipe.prepare(std::move(config), weights);
  check_patterns(*run);
  return run;
}

}  // namespace mezzotint
