#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>

#include "mezzotint/pipelines/pipeline.h"

namespace mezzotint::cli {

/// Declares --lora DIR[:SCALE], which may be given several times. @param values outlives `app`.
CLI::Option* add_lora_option(CLI::App& app, std::vector<std::string>& values);

/// An adapter as --lora names it.
struct LoraUse {
  std::string path;
  double scale = 1;
};

/// "DIR", or "DIR:0.8" where there is no such file or folder. @throws Error (kUsage) when what is
/// behind the colon is no number.
LoraUse parse_lora_use(const std::string& text);

/// Reads the adapters and merges them into the network's weights: no step takes longer for them.
/// @return what a recipe says of them, a list of path, scale, sha256 (of the file of weights), rank
/// and layers. @throws Error when one can't be read or doesn't fit the network.
nlohmann::json merge_loras(const Pipeline& pipeline, const std::vector<std::string>& values);

}  // namespace mezzotint::cli
