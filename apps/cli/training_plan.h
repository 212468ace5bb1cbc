#pragma once

#include <string>
#include <vector>

#include "mezzotint/training/position.h"
#include "mezzotint/training/prepared_run.h"

namespace mezzotint::cli {

/// What is about to happen, a line each: data, network, batches and updates, learning rate,
/// memory.
std::vector<std::string> plan_in_words(const PreparedRun& run, const Position& start);

}  // namespace mezzotint::cli
