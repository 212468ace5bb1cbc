#include "mezzotint/report/sample_grids.h"

#include <algorithm>
#include <optional>
#include <string>

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

/// The number in update-NNNNNNNN.png; nothing for other files.
std::optional<int64_t> update_of(const fs::path& grid) {
  const std::string name = grid.stem().string();
  if (grid.extension() != ".png" || !name.starts_with("update-")) return std::nullopt;
  const std::string digits = name.substr(7);
  if (digits.empty() || digits.size() > 18 ||
      digits.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::stoll(digits);
}

}  // namespace

std::vector<std::pair<int64_t, fs::path>> sample_grids(const fs::path& run) {
  std::vector<std::pair<int64_t, fs::path>> grids;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(run / "samples", none))
    if (const auto update = update_of(entry.path())) grids.emplace_back(*update, entry.path());
  std::ranges::sort(grids);
  return grids;
}

}  // namespace mezzotint
