#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mezzotint {

/// What every term of a guided run has, whatever its loss: options of --loss.
struct TermConfig {
  std::optional<double> scale;
  std::string norm = "image";
  std::string schedule;  ///< empty: as the run
  std::string index;     ///< empty: as the run
  std::string steps = "0..";

  void fields(auto& f) {
    f("scale", scale, "what the loss is multiplied with; none: the kind's own");
    f("norm", norm, "each picture down its own loss, or down its share of the batch's mean",
      {"image", "batch"});
    f("schedule", schedule, "none, abar, sqrt_abar, sqrt_1m_abar or table:1,0.5,0");
    f("index", index, "alpha-bar of the timestep, or of the loop's index as in the course");
    f("steps", steps, "steps in which it takes part, counted from 0: 0..9, 10..");
  }
};

/// A loss as it is written: KIND, KIND:ARGUMENT, KIND:ARGUMENT,OPTION=VALUE,... An ARGUMENT or a
/// VALUE may hold commas, as long as what follows one doesn't look like OPTION=:
///   color:#55FFAA,scale=40
///   color:red,#0f0,norm=batch
///   clip:Red Rose (still life), red flower painting,scale=8,cuts=4
struct LossSpec {
  std::string kind;
  std::optional<std::string> argument;
  std::vector<std::pair<std::string, std::string>> options;  ///< without those of TermConfig
  TermConfig term;
  std::string text;  ///< as it was written
};

/// @throws Error (kUsage) for an empty kind, an option given twice, or a wrong value in TermConfig.
LossSpec parse_loss_spec(const std::string& text);

}  // namespace mezzotint
