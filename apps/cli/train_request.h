#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "apps/cli/training_flags.h"

namespace mezzotint::cli {

/// What `train` and `sweep` are asked for.
struct TrainRequest {
  TrainingFlags flags;
  std::string preset;
  std::string recipe = "diffusion";
  bool recipe_given = false;
};

/// Declares all options of `train`. @return what they fill.
std::shared_ptr<TrainRequest> add_train_options(CLI::App& app);

/// The settings of a run: the preset, then the file, the flags, and `more` (for overlay()) over
/// them all.
/// @throws Error (kUsage) when they contradict each other or aren't known.
RunConfig train_config(const TrainRequest& request, const Context& context,
                       const nlohmann::json& more = nlohmann::json::object());

}  // namespace mezzotint::cli
