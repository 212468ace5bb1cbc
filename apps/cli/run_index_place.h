#pragma once

#include <filesystem>

namespace mezzotint::cli {

/// The file of the index of runs: $MEZZOTINT_RUNS, else mezzotint/runs.sqlite in $XDG_DATA_HOME,
/// else in ~/.local/share. Empty where there is no home, and with MEZZOTINT_RUNS=off.
std::filesystem::path run_index_place();

}  // namespace mezzotint::cli
