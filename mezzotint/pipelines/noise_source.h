#pragma once

#include <cstdint>
#include <vector>

#include <c10/core/Device.h>

#include "mezzotint/base/predict.h"
#include "mezzotint/base/random.h"

namespace mezzotint {

/// Where the random numbers of a run come from: one stream for the whole batch (what diffusers does
/// with one generator), or one per image (a list of generators), so that image k doesn't depend on
/// the batch it is in.
class NoiseSource {
 public:
  /// One stream for the batch.
  static NoiseSource one(uint64_t seed);
  /// A stream for each image. @throws Error without seeds.
  static NoiseSource per_image(const std::vector<uint64_t>& seeds);
  /// Standard normal [B, C, H, W] float32, with torch.randn's numbers. @throws Error when there are
  /// per-image streams and B isn't their number.
  Tensor draw(IntArrayRef sizes);
  /// A copy of the streams, as they stand now, in the callable that sample() takes: each call draws
  /// `sizes` and moves it to `device`.
  DrawNoise drawing(IntArrayRef sizes, c10::Device device = c10::kCPU) const;

 private:
  std::vector<RandomStream> streams_;
  bool per_image_ = false;
};

}  // namespace mezzotint
