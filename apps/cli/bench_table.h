#pragma once

#include <nlohmann/json_fwd.hpp>

namespace mezzotint::cli {

/// Writes what `bench` found to stdout: what it ran on, then a line for each workload.
void print_bench_table(const nlohmann::json& document);

}  // namespace mezzotint::cli
