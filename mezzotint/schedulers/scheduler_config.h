#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/base/fields.h"

namespace mezzotint {

/// A configuration as a struct, and as the JSON that a file of this class holds.
template <HasFields Config>
struct SchedulerConfig {
  Config values;
  nlohmann::json json;  ///< every key of the class, `_class_name`, and all other keys as they came
};

/// The keys that were really given: diffusers lists in `_use_default_values` those that it filled
/// in itself, and lets the class that reads them choose its own defaults.
inline nlohmann::json given_keys(const nlohmann::json& config) {
  nlohmann::json given = config;
  if (!given.is_object() || !given.contains("_use_default_values")) return given;
  const nlohmann::json filled_in = given["_use_default_values"];
  given.erase("_use_default_values");
  for (const auto& key : filled_in)
    if (key.is_string()) given.erase(key.get<std::string>());
  return given;
}

/// Reads a scheduler_config.json, perhaps one of another class: keys that this class lacks have no
/// effect and are kept, keys that the file lacks take this class's defaults.
/// (configuration_utils.py: extract_init_dict.)
/// @throws Error that names the key, what was got and what was wanted.
template <HasFields Config>
SchedulerConfig<Config> read_scheduler_config(const std::string& class_name,
                                              const nlohmann::json& config) {
  const nlohmann::json given = given_keys(config);
  SchedulerConfig<Config> read;
  try {
    from_json(read.values, given, class_name);
  } catch (const Error& error) {
    throw Error(error.what());  // the fault of a file, not of the command line
  }
  read.json = to_json(read.values);
  read.json.update(given);  // numbers stay as they were written
  read.json["_class_name"] = class_name;
  return read;
}

}  // namespace mezzotint
