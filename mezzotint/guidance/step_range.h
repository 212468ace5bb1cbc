#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace mezzotint {

/// Steps of a sampling run, counted from 0, both ends included.
struct StepRange {
  size_t first = 0;
  size_t last = std::numeric_limits<size_t>::max();
  bool contains(size_t step) const { return step >= first && step <= last; }
};

/// "3..9", "3..", "..9" or "3". @throws Error (kUsage) that names `where`.
StepRange parse_step_range(const std::string& text, const std::string& where);

}  // namespace mezzotint
