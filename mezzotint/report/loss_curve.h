#pragma once

#include "mezzotint/report/plot.h"
#include "mezzotint/report/run_history.h"

namespace mezzotint {

/// The loss of a run by micro-batch: raw (means of neighbours where there are too many to draw),
/// smoothed, and the mean of each epoch where there are several.
Plot loss_plot(const RunHistory& history);

}  // namespace mezzotint
