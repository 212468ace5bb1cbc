#pragma once

#include <string>
#include <vector>

#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {

/// How strong guidance is over the steps of a run: a factor of the loss's scale.
struct GuidanceSchedule {
  enum class Kind {
    kNone,        ///< 1
    kAbar,        ///< alpha-bar: next to nothing at first, full at the end
    kSqrtAbar,    ///< its root, the signal's share of the sample: the course's
    kSqrt1mAbar,  ///< sqrt(1 - alpha-bar), the noise's share: full at first
    kTable,       ///< numbers of one's own, spread evenly over the steps
  };
  Kind kind = Kind::kNone;
  std::vector<double> table;
  /// alpha-bar of the step's timestep; or, as the course's code has it, of the loop's index (0, 1,
  /// ... of the steps), where alpha-bar is about 1 all the time.
  bool by_loop_index = false;

  /// The factor at step `i`. A table of as many numbers as there are steps has one for each; else
  /// values between two are interpolated. @throws Error when there is no step i.
  double factor(const Scheduler& scheduler, size_t i) const;
};

/// "none", "abar", "sqrt_abar", "sqrt_1m_abar" or "table:1,0.5,0"; `index` is "timestep" or "loop".
/// @throws Error (kUsage) that names `where`.
GuidanceSchedule parse_guidance_schedule(const std::string& text, const std::string& index,
                                         const std::string& where);

/// "none", "abar", ...: what parse_guidance_schedule() takes, but for tables.
const std::vector<std::string>& guidance_schedule_names();

}  // namespace mezzotint
