#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/training/position.h"
#include "mezzotint/training/prepared_run.h"

namespace mezzotint::cli {

/// What is about to happen, a line each: data, network, batches and updates, learning rate,
/// memory.
std::vector<std::string> plan_in_words(const PreparedRun& run, const Position& start);

/// "about 12:40 in all, until 14:05", from now on.
std::string duration_in_words(double seconds);

/// "0.31 s".
std::string update_time_text(const RunForecast& forecast);

/// "forecast: 0.31 s an update, about 12:40 in all, until 14:05".
std::string forecast_in_words(const RunForecast& forecast);

/// For --json; null where there is none.
nlohmann::json forecast_as_json(const std::optional<RunForecast>& forecast);

}  // namespace mezzotint::cli
