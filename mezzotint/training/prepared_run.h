#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mezzotint/base/registry.h"
#include "mezzotint/training/ema.h"
#include "mezzotint/training/learner.h"
#include "mezzotint/training/pace.h"
#include "mezzotint/training/run_config.h"

namespace mezzotint {

/// What a run will take, as far as one can say before it begins.
struct RunForecast {
  double peak_bytes = 0;  ///< of memory
  double seconds_per_update = 0;
  double seconds = 0;  ///< to the end: updates, samples, validations, checkpoints
};

/// A run that could begin: its data open, its network made.
class PreparedRun {
 public:
  virtual ~PreparedRun() = default;
  /// What is trained in this run. @param folder of the run, for what is shown; empty: nothing is.
  /// It doesn't outlive the run.
  virtual std::unique_ptr<Learner> learner(const std::filesystem::path& folder) = 0;
  /// Reads one micro-batch, so that what can't be read is said before anything is written.
  virtual void try_data() const = 0;
  /// Writes the trained model into a new folder: the average where there is one, and the raw
  /// weights beside it as variant "non_ema". An adapter that was trained goes into adapter/ beside
  /// `folder` too.
  virtual void save(const std::optional<Ema>& ema, const std::filesystem::path& folder) const = 0;
  /// What is about to happen, a line each: data, network, memory.
  virtual std::vector<std::string> describe() const = 0;
  /// How long its parts take on this machine, measured for a moment; nothing for recipes that can't
  /// say.
  virtual std::optional<Pace> pace() const { return std::nullopt; }
  /// What the rest of the run from `start` on will take at this pace. (run_forecasts.h does both.)
  virtual RunForecast forecast(const Position& /*start*/, const Pace& /*pace*/) const { return {}; }

  RunConfig config;  ///< resolved: sizes, classes, the whole configuration of the network
  TrainPlan plan;
  std::vector<std::string> notes;  ///< what a person should know, one line each
};

using PreparedRunPtr = std::unique_ptr<PreparedRun>;

enum class StartWeights {
  kFresh,       ///< random, or those of config.init
  kCheckpoint,  ///< will be read from a checkpoint: the configuration says all
};

/// One thing that can be trained, under the name that RunConfig::recipe has. Registered by
///   const Registered<Recipe> kName("name", {...});
struct Recipe {
  std::string summary;  ///< one line, for lists
  /// @throws Error when data and model don't fit each other, saying which option would make them.
  PreparedRunPtr (*prepare)(RunConfig config, StartWeights weights);
};

/// @throws Error (kUsage) when a run that stands at `at` has come to the end of its plan.
void check_work_is_left(const std::filesystem::path& folder, const Position& at,
                        const TrainPlan& plan);

/// Opens the data and makes or loads the model, as the configuration's recipe does it.
PreparedRunPtr prepare_run(RunConfig config, StartWeights weights = StartWeights::kFresh);

}  // namespace mezzotint
