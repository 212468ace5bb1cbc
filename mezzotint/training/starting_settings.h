#pragma once

#include <string>

#include "mezzotint/training/run_config.h"

namespace mezzotint {

/// What `mezzotint finetune` begins with before a file and the command line have their say: the
/// course's fine-tuning loop, and over it a preset where one is named. @throws Error (kUsage) for a
/// preset that isn't known, or that begins from scratch.
RunConfig finetune_settings(const std::string& preset = "");

/// The same for `mezzotint train` and `sweep`.
/// @param pretrained whether a model is gone on from: what belongs to a preset's own network, its
/// size of pictures among it, doesn't count then.
/// @throws Error (kUsage) for a preset that isn't known, or that needs a pretrained model.
RunConfig train_settings(const std::string& preset, bool pretrained);

/// The preset that `train` takes for a recipe where none is named.
std::string preset_of_recipe(const std::string& recipe);

}  // namespace mezzotint
