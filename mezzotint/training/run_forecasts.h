#pragma once

#include <map>
#include <optional>
#include <string>

#include "mezzotint/training/prepared_run.h"

namespace mezzotint {

/// What runs will take on this machine. The pace is measured once for all whose work is the same,
/// such as those of a sweep that differ by their learning rate.
class RunForecasts {
 public:
  /// What the rest of the run from `start` on will take; nothing for recipes that can't say. Takes
  /// a second or two where its pace must be measured.
  std::optional<RunForecast> of(const PreparedRun& run, const Position& start);

 private:
  std::map<std::string, std::optional<Pace>> measured_;
};

}  // namespace mezzotint
