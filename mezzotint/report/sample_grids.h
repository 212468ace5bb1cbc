#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "mezzotint/report/run_history.h"

namespace mezzotint {

/// The pictures that were sampled after an update, all from the same noise as at any other.
struct SampleGrid {
  int64_t update = 0;
  std::optional<int64_t> images;   ///< pictures seen until then, where it was logged
  std::filesystem::path file;      ///< by the average of the weights where there is one
  std::filesystem::path raw_file;  ///< by the weights themselves, where both were drawn; else empty
};

/// The grids in samples/ of a run folder (update-NNNNNNNN.png and update-NNNNNNNN-raw.png), by
/// update. Those beyond the newest record are left out: the run went back to a checkpoint before
/// them.
std::vector<SampleGrid> sample_grids(const std::filesystem::path& run, const RunHistory& history);

/// Which of `count` things to show when at most `most` fit: evenly spaced, the first and the last
/// always among them. All where they fit. @param most at least 2.
std::vector<size_t> evenly_chosen(size_t count, size_t most);

/// Evenly chosen grids, at most `most`, whose files together have at most `bytes`; two of them in
/// any case.
std::vector<SampleGrid> thinned_grids(const std::vector<SampleGrid>& grids, size_t most,
                                      uintmax_t bytes);

}  // namespace mezzotint
