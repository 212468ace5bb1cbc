#pragma once

#include <string>

#include "mezzotint/base/weights.h"

namespace mezzotint {

/// Copies every tensor of `to` from the one of the same key in `from`, in place.
/// @throws Error saying `what`, when a key is missing or a shape differs.
void copy_weights(const Weights& from, const Weights& to, const std::string& what);

}  // namespace mezzotint
