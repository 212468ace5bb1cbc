#pragma once

#include <nlohmann/json.hpp>

#include "mezzotint/training/run_config.h"

#include "apps/cli/some_fields.h"

namespace mezzotint::cli {

/// The settings of a run that may be others from now on without undoing what was learned.
struct ResumeSettings : TrainConfig {
  void fields(auto& f) {
    Only<std::remove_reference_t<decltype(f)>> some{
        f,
        {"num_epochs", "max_train_steps", "on_nonfinite", "log_every", "log_samples_every",
         "validate_every", "save_model_every", "keep_checkpoints"}};
    TrainConfig::fields(some);
  }
};

/// Those of them that `wanted` has otherwise, for resume_run().
nlohmann::json resume_changes(const RunConfig& run, const RunConfig& wanted);

}  // namespace mezzotint::cli
