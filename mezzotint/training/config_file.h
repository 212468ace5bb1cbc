#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

namespace mezzotint {

/// A configuration that a person wrote, as JSON: .toml, or .json (a run's config.json, for one).
/// @throws Error (kUsage) naming file, line and column.
nlohmann::json read_config_file(const std::filesystem::path& path);

}  // namespace mezzotint
