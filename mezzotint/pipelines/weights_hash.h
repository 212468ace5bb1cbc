#pragma once

#include <string>

#include "mezzotint/base/weights.h"

namespace mezzotint {

/// What identifies weights, whatever file they came from: SHA-256 over the keys and the SHA-256 of
/// each tensor's values. Tensors are on the CPU and contiguous.
std::string weights_sha256(const Weights& weights);

}  // namespace mezzotint
