#pragma once

#include <string>
#include <vector>

#include "mezzotint/training/position.h"
#include "mezzotint/training/prepared_run.h"

namespace mezzotint::cli {

/// What is about to happen, a line each: data, network, batches and updates, learning rate,
/// memory.
std::vector<std::string> plan_in_words(const PreparedRun& run, const Position& start);

/// "forecast: 0.31 s an update, about 12:40 in all, until 14:05".
std::string forecast_in_words(const RunForecast& forecast);

}  // namespace mezzotint::cli
