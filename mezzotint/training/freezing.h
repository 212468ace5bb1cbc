#pragma once

#include <string>
#include <vector>

#include "mezzotint/base/weights.h"

namespace mezzotint {

/// Lets learn what `train_only` names (all, when it is empty) but for what `freeze` names; the rest
/// no longer requires a gradient. A pattern (base/wildcard.h) is held against a parameter's whole
/// name, with and without the "unet." (or "clip.", "class_emb.") that a checkpoint puts before it.
/// @throws Error (kUsage) for a pattern that names nothing, and when nothing is left to learn.
void freeze_parameters(const Weights& parameters, const std::vector<std::string>& freeze,
                       const std::vector<std::string>& train_only);

/// Whether the parameter of this name learns, by these patterns.
bool learns(const std::string& key, const std::vector<std::string>& freeze,
            const std::vector<std::string>& train_only);

/// Those that require a gradient, under the same keys.
Weights learning_parameters(const Weights& parameters);

}  // namespace mezzotint
