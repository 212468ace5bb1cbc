#pragma once

#include <cstdint>

namespace mezzotint::ops {

/// Results of so many floats had better go past the caches on their way to memory: they are out of
/// them before anyone reads them, and no line has to be fetched only to be overwritten. Rows are
/// fetched in their order, which costs less than a convolution's tiles do.
inline constexpr int64_t kStreamedTiles = int64_t{1} << 20, kStreamedRows = int64_t{4} << 20;

}  // namespace mezzotint::ops
