#pragma once

#include <string>

#include "mezzotint/guidance/guidance.h"
#include "mezzotint/guidance/loss_resources.h"

namespace mezzotint {

/// What holds for every loss that doesn't say otherwise.
struct TermDefaults {
  std::string schedule = "none";
  std::string index = "timestep";
};

/// A loss as it is written on a command line (loss_spec.h), ready to steer with.
/// @throws Error (kUsage) for an unknown kind or option, naming the nearest.
GuidanceTerm make_term(const std::string& text, const LossResources& resources,
                       const TermDefaults& defaults = {});

}  // namespace mezzotint
