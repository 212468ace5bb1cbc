#pragma once

#include <cstddef>

namespace mezzotint::benchmarks {

/// Floats of the sums that multiply_add works on, at most.
inline constexpr size_t kMostSums = 4096;

/// Keeps the multiply-add units of one core busy, with the widest vectors that it has.
/// @param sums [kMostSums], read and written: as long as a compiler knows nothing of them, it can
/// leave nothing out. @return the floating-point operations done.
double multiply_add(size_t rounds, float* sums);

/// y = a + y / 2, [n] each: two floats read and one written.
void update(const float* a, float* y, size_t n);

}  // namespace mezzotint::benchmarks
