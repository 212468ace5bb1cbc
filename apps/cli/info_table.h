#pragma once

#include <nlohmann/json_fwd.hpp>

#include "mezzotint/pipelines/pipeline.h"

namespace mezzotint::cli {

/// Prints the document of `info` for a person, to stdout.
void print_info_table(const nlohmann::json& document, const Pipeline& pipeline);

}  // namespace mezzotint::cli
