#pragma once

#include <string>
#include <vector>

#include "mezzotint/report/plot.h"
#include "mezzotint/training/record.h"

namespace mezzotint {

/// What stands on the x axis of a run's curves.
enum class CurveAxis { kMicroBatches, kUpdates, kImages };

/// The numbers of one name; by updates, those of one update are their mean.
Series record_series(const std::vector<Record>& records, const std::string& record_name,
                     const std::string& label, CurveAxis axis = CurveAxis::kMicroBatches);

/// Smoothed over a hundred points, or over a twentieth of a short series.
Series smoothed_series(Series series);

/// Means of equally many neighbours, so that at most 2000 points remain.
Series thinned(const Series& full);

}  // namespace mezzotint
