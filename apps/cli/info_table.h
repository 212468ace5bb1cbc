#pragma once

#include <nlohmann/json_fwd.hpp>

namespace mezzotint::cli {

/// Prints the document of `info` (info_document.h) for a person, to stdout.
void print_info_table(const nlohmann::json& document);

}  // namespace mezzotint::cli
