#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

namespace mezzotint {

/// The sample grids of a run folder, samples/update-NNNNNNNN.png, with their updates, in order.
std::vector<std::pair<int64_t, std::filesystem::path>> sample_grids(
    const std::filesystem::path& run);

}  // namespace mezzotint
