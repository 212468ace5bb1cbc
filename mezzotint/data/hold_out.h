#pragma once

#include <cstdint>

#include "mezzotint/data/dataset.h"

namespace mezzotint {

/// Data in two parts that share no picture.
struct HeldOut {
  DatasetPtr kept;      ///< to learn from, in the data's order
  DatasetPtr held_out;  ///< to measure on, in a random order
};

/// Sets `count` pictures aside, the same ones for the same seed.
/// @throws Error (kUsage) when none would be left.
HeldOut hold_out(const DatasetPtr& dataset, int64_t count, uint64_t seed);

/// The first `count` pictures of a random order, the same for the same seed; all if there are
/// fewer.
DatasetPtr random_part(const DatasetPtr& dataset, int64_t count, uint64_t seed);

}  // namespace mezzotint
