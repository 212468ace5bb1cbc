#pragma once

#include <cstdint>
#include <string_view>

#include <ATen/core/Generator.h>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// One stream of random numbers, the same as `torch.Generator("cpu").manual_seed(seed)` gives,
/// number for number. Copies share the stream.
class RandomStream {
 public:
  explicit RandomStream(uint64_t seed);

  /// Standard normal, float32; what `torch.randn(sizes, generator=g)` returns.
  Tensor randn(IntArrayRef sizes);
  /// Uniform in [0, 1), float32; what `torch.rand(sizes, generator=g)` returns.
  Tensor rand(IntArrayRef sizes);
  /// Uniform integers in [low, high), int64; what `torch.randint(low, high, sizes, generator=g)`
  /// returns.
  Tensor randint(int64_t low, int64_t high, IntArrayRef sizes);
  /// A shuffle of 0..n-1, int64; what `torch.randperm(n, generator=g)` returns.
  Tensor randperm(int64_t n);
  /// The same stream from its present position on: uint8, for checkpoints.
  Tensor state() const;
  void set_state(const Tensor& state);

  at::Generator& generator() { return generator_; }

 private:
  at::Generator generator_;
};

/// The seed of a named stream of a run ("noise", "shuffle", ...): streams of one seed don't
/// overlap, and adding one doesn't move the others. SplitMix64 over the FNV-1a hash of the name.
uint64_t stream_seed(uint64_t seed, std::string_view name);

}  // namespace mezzotint
