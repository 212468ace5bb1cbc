#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace mezzotint {

/// What is known of a training run without opening its files: a row of the run index
/// (run_index.h). Losses are of the last record; none of them is there before it was logged.
struct RunEntry {
  int64_t id = 0;      ///< in the index; 0 outside of it
  std::string folder;  ///< absolute
  double started = 0;  ///< seconds since 1970
  double changed = 0;  ///< when this was last known to be true
  std::string verb;    ///< of the command that started it; may be empty
  std::string recipe;  ///< what is trained
  std::string data;
  std::string init;    ///< the pretrained model that it began from; empty: random weights
  std::string status;  ///< "running", "done", "stopped" or "failed"; see run_status()
  std::string host;    ///< where it runs, and its process there (process_mark.h)
  std::string process;
  int64_t updates = 0;
  std::optional<int64_t>
      planned;  ///< updates; unknown where only a folder with less than an epoch is known
  int64_t images = 0;
  std::optional<double> loss;       ///< smoothed over about fifty micro-batches
  std::optional<double> best_loss;  ///< the lowest that was, but for the first micro-batches
  std::optional<double> epoch_loss;
  std::optional<double> validation_loss;  ///< of the weights that are saved: the average, with EMA
  double seconds = 0;                     ///< interruptions left out
  std::optional<double> images_per_second;
  nlohmann::json config =
      nlohmann::json::object();  ///< the resolved RunConfig, but for the command line
  std::string command_line;
  std::string error;  ///< why it failed

  void fields(auto& f) {
    f("id", id);
    f("folder", folder);
    f("started", started);
    f("changed", changed);
    f("verb", verb);
    f("recipe", recipe);
    f("data", data);
    f("init", init);
    f("status", status);
    f("host", host);
    f("process", process);
    f("updates", updates);
    f("planned", planned);
    f("images", images);
    f("loss", loss);
    f("best_loss", best_loss);
    f("epoch_loss", epoch_loss);
    f("validation_loss", validation_loss);
    f("seconds", seconds);
    f("images_per_second", images_per_second);
    f("config", config);
    f("command_line", command_line);
    f("error", error);
  }
};

/// The status as it is now: "interrupted" for a run whose process is gone without a word, or that
/// another machine hasn't spoken of for a quarter of an hour.
std::string run_status(const RunEntry& entry);

/// Seconds since 1970.
double now_seconds();

}  // namespace mezzotint
