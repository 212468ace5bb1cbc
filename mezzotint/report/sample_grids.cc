#include "mezzotint/report/sample_grids.h"

#include <algorithm>
#include <map>
#include <string>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

struct GridName {
  int64_t update;
  bool raw;
};

/// Of update-NNNNNNNN.png or update-NNNNNNNN-raw.png; nothing for other files.
std::optional<GridName> grid_name(const fs::path& file) {
  std::string digits = file.stem().string();
  if (file.extension() != ".png" || !digits.starts_with("update-")) return std::nullopt;
  digits = digits.substr(7);
  const bool raw = digits.ends_with("-raw");
  if (raw) digits.resize(digits.size() - 4);
  if (digits.empty() || digits.size() > 18 ||
      digits.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return GridName{std::stoll(digits), raw};
}

uintmax_t size_of(const fs::path& file) {
  std::error_code none;
  const uintmax_t size = file.empty() ? 0 : fs::file_size(file, none);
  return none ? 0 : size;
}

std::vector<SampleGrid> chosen(const std::vector<SampleGrid>& grids, size_t most) {
  std::vector<SampleGrid> some;
  for (const size_t i : evenly_chosen(grids.size(), most)) some.push_back(grids[i]);
  return some;
}

uintmax_t bytes_of(const std::vector<SampleGrid>& grids) {
  uintmax_t sum = 0;
  for (const SampleGrid& grid : grids) sum += size_of(grid.file) + size_of(grid.raw_file);
  return sum;
}

}  // namespace

std::vector<SampleGrid> sample_grids(const fs::path& run, const RunHistory& history) {
  std::map<int64_t, SampleGrid> found;
  const bool logged = !history.images_at().empty();
  if (fs::is_directory(run / "samples"))
    for (const auto& entry : fs::directory_iterator(run / "samples"))
      if (const auto name = grid_name(entry.path())) {
        if (logged && name->update > history.position().update) continue;
        SampleGrid& grid = found[name->update];
        grid.update = name->update;
        (name->raw ? grid.raw_file : grid.file) = entry.path();
      }
  std::vector<SampleGrid> grids;
  for (auto& [update, grid] : found) {
    if (grid.file.empty()) std::swap(grid.file, grid.raw_file);
    const auto images = history.images_at().find(update);
    if (images != history.images_at().end()) grid.images = images->second;
    grids.push_back(std::move(grid));
  }
  return grids;
}

std::vector<size_t> evenly_chosen(size_t count, size_t most) {
  MEZZO_CHECK(most >= 2, "evenly_chosen: at most ", most, ", wanted 2 or more");
  const size_t shown = std::min(count, most);
  std::vector<size_t> chosen;
  for (size_t k = 0; k < shown; ++k)
    chosen.push_back(shown == 1 ? 0 : k * (count - 1) / (shown - 1));
  return chosen;
}

std::vector<SampleGrid> thinned_grids(const std::vector<SampleGrid>& grids, size_t most,
                                      uintmax_t bytes) {
  size_t shown = std::clamp<size_t>(grids.size(), 2, most);
  std::vector<SampleGrid> some = chosen(grids, shown);
  while (shown > 2 && bytes_of(some) > bytes) some = chosen(grids, --shown);
  return some;
}

}  // namespace mezzotint
