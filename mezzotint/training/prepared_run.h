#pragma once

#include "mezzotint/data/loader.h"
#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/training/run_config.h"

namespace mezzotint {

/// A run that could begin: its data open, its pipeline made.
struct PreparedRun {
  RunConfig config;  ///< resolved: sizes, classes, the whole configuration of network and scheduler
  DatasetPtr dataset;
  Pipeline pipeline;
  TrainPlan plan;
  std::vector<std::string> notes;  ///< what a person should know, one line each

  Loader loader() const;
};

enum class StartWeights {
  kFresh,       ///< random, or those of config.init
  kCheckpoint,  ///< will be read from a checkpoint: config.model and config.scheduler say all
};

/// Opens the data and makes or loads the pipeline.
/// @throws Error when data and model don't fit each other, saying which option would make them.
PreparedRun prepare_run(RunConfig config, StartWeights weights = StartWeights::kFresh);

}  // namespace mezzotint
