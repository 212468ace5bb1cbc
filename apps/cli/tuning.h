#pragma once

#include "mezzotint/ops/winograd_costs.h"

namespace mezzotint::cli {

/// What convolutions cost on this machine: measured when the first one comes, kept for each CPU in
/// $XDG_CACHE_HOME/mezzotint/tuning.json (~/.cache without that variable), and read from there ever
/// after, so that the same algorithms give the same bits. Where nothing can be kept, or with
/// MEZZOTINT_TUNE=off, ops::kUsualCosts.
/// @throws Error (usage) when MEZZOTINT_TUNE is neither "on" nor "off".
ops::CostSource cost_source();

}  // namespace mezzotint::cli
