#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "mezzotint/io/image.h"
#include "mezzotint/report/sample_grids.h"

namespace mezzotint {

/// The pictures in a sample grid: make_grid() of as many, with two pixels around each.
struct GridLayout {
  int width = 0;  ///< of one picture
  int height = 0;
  int count = 0;  ///< of pictures
};

/// What became of the first few noises: a row for each (four at most), a column for each grid
/// (sixteen at most, evenly chosen), its update above. RGB. Nothing when there are fewer than two
/// grids, or when they aren't of this layout. @throws Error naming a file that can't be read.
std::optional<Image> film_strip(const std::vector<SampleGrid>& grids, const GridLayout& layout);

/// Writes the grids one after another as an animation (.webp or .gif), the update above each;
/// evenly chosen where they would make it too large. @return whether there were two grids of one
/// size.
/// @throws Error naming the file.
bool write_sample_animation(const std::filesystem::path& path,
                            const std::vector<SampleGrid>& grids);

}  // namespace mezzotint
