#pragma once

#include <nlohmann/json.hpp>

#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/training/prepared_run.h"

namespace mezzotint {

/// The pipeline that a run learns in, as it is before the first update: random weights, those of
/// config.init (with an adapter beside them if config.lora has a rank), or, when a checkpoint's
/// will follow, any. @param config gets what the network decides: its classes, and the settings
/// that follow from others. @throws Error (kUsage) when settings don't fit each other.
Pipeline start_pipeline(RunConfig& config, StartWeights weights);

/// What of a pipeline isn't in the network's and the scheduler's configuration: what
/// start_pipeline() needs, as RunConfig::pipeline, to make it again for a checkpoint.
nlohmann::json pipeline_identity(const Pipeline& pipeline);

[[noreturn]] void fail_unlabelled(const RunConfig& config);

}  // namespace mezzotint
