#pragma once

#include <string>

#include "mezzotint/report/plot.h"
#include "mezzotint/report/trace.h"

namespace mezzotint {

/// What stands on the x axis of a run's curves.
enum class CurveAxis { kMicroBatches, kUpdates, kImages };

/// A trace as a line of a plot.
Series trace_series(const Trace& trace, const std::string& name, CurveAxis axis);

/// The same, smoothed: it forgets over a twentieth of a short trace, 100 values, a hundredth of a
/// long one.
Series smoothed_series(const Trace& trace, const std::string& name, CurveAxis axis);

}  // namespace mezzotint
