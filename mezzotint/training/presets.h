#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/base/registry.h"

namespace mezzotint {

/// A starting point of a configuration, under a name. Registered by
///   const Registered<Preset> kName("name", {...});
struct Preset {
  std::string summary;          ///< one line, for lists
  nlohmann::json values;        ///< for overlay()
  bool for_pretrained = false;  ///< it says how to go on from a model, not what to begin with
};

}  // namespace mezzotint
