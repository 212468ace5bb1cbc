#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace mezzotint::cli {

/// The text chunks that a made picture carries, so that it can be made again:
/// `parameters`, the line that other tools read ("Steps: 40, Sampler: DDIM, Seed: 0, ..."), and
/// `mezzotint`, the whole recipe as JSON.
/// @param recipe has steps, scheduler, seed or seeds, width, height, model, model_sha256, version.
std::map<std::string, std::string> recipe_chunks(const nlohmann::json& recipe);

/// The whole recipe as JSON in one line. Names of files needn't be UTF-8: what isn't becomes
/// U+FFFD.
std::string recipe_text(const nlohmann::json& recipe);

}  // namespace mezzotint::cli
