#pragma once

namespace mezzotint::benchmarks {

/// What this machine can do at most, measured with all threads of LibTorch when first asked for.
struct Peak {
  double flops;  ///< multiply-adds in float32, counted as two operations each, per second
  double bytes;  ///< y = a + y / 2 in memory, two floats read and one written, per second
};
const Peak& peak();

}  // namespace mezzotint::benchmarks
