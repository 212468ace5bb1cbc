#pragma once

#include <filesystem>
#include <functional>

#include "mezzotint/training/prepared_run.h"
#include "mezzotint/training/trainer.h"

namespace mezzotint {

// A run folder:
//   config.json                      the resolved RunConfig
//   metrics.jsonl, metrics.csv       the records (record_files.h)
//   tensorboard/                     the records again, for TensorBoard (tensor_board.h)
//   samples/                         update-NNNNNNNN.png, before-after.png (previews.h)
//   checkpoints/update-NNNNNNNN/     checkpoint.h
//   model/                           the pipeline at the end, as diffusers loads it
//   adapter/                         with `lora`, the adapter, as peft loads it; it is merged into
//                                    model/, and with EMA adapter_non_ema/ has the raw one
// With EMA the weights in model/ are the average; the raw ones lie beside it as variant "non_ema".

/// What a caller may do while a run is under way.
struct RunHooks {
  CancelToken cancel;  ///< raised from any thread: the run saves a checkpoint and stops
  /// Called once before the first micro-batch. @param start where the run begins or goes on.
  /// @return further loggers; metrics.jsonl, metrics.csv and tensorboard/ stand before them.
  std::function<std::vector<LoggerPtr>(const PreparedRun& run, const Position& start)> on_start;
};

struct RunResult {
  TrainResult train;
  std::filesystem::path model;  ///< the folder of the trained pipeline
};

/// Trains in a new folder. @throws Error (kUsage) when `folder` exists and isn't empty; else as
/// train() does.
RunResult start_run(const RunConfig& config, const std::filesystem::path& folder,
                    const RunHooks& hooks = {});

/// Goes on from the newest undamaged checkpoint (from the beginning when there is none yet), to the
/// same bits as if the run had never been interrupted, on the same machine with the same number of
/// threads. @param changes fields of TrainConfig that are to have other values from now on; the
/// run's config.json takes them in. @throws Error when `folder` is no run folder or another process
/// is at work in it, and as train() does.
RunResult resume_run(const std::filesystem::path& folder, const RunHooks& hooks = {},
                     const nlohmann::json& changes = nlohmann::json::object());

}  // namespace mezzotint
