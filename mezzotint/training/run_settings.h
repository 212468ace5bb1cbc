#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mezzotint {

/// The settings of a run by name: "lr" for those of the recipe, "transform.height",
/// "model.block_out_channels" and so on for other sections, "data", "init" and so on for the rest.
using Settings = std::map<std::string, nlohmann::json>;

/// @param config a RunConfig as JSON. What is no choice of a person is left out: the command line,
/// the names of the classes, the pipeline's index.
Settings run_settings(const nlohmann::json& config);

/// What the structures of a recipe have where nothing is set.
Settings default_settings(const std::string& recipe);

/// Those that a person chose: what differs from what the verb, with its preset, begins with
/// (starting_settings.h). What follows from others or from the data is left out, and so is what a
/// pretrained model brings along.
/// @param command_line what the run was started with; where it says no verb the likeliest is taken.
Settings chosen_settings(const nlohmann::json& config, const std::string& command_line);

/// The names under which the runs don't all have the same.
std::vector<std::string> differing_settings(const std::vector<Settings>& runs);

/// A value as a person would type it: 1e-05, yes, none, 32,64,64.
std::string setting_text(const nlohmann::json& value);

}  // namespace mezzotint
