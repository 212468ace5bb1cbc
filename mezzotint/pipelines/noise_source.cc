#include "mezzotint/pipelines/noise_source.h"

#include <ATen/ops/cat.h>

#include "mezzotint/base/error.h"

namespace mezzotint {

NoiseSource NoiseSource::one(uint64_t seed) {
  NoiseSource source;
  source.streams_.emplace_back(seed);
  return source;
}

NoiseSource NoiseSource::per_image(const std::vector<uint64_t>& seeds) {
  MEZZO_CHECK(!seeds.empty(), "noise: got no seeds, wanted one for each image");
  NoiseSource source;
  source.per_image_ = true;
  for (const uint64_t seed : seeds) source.streams_.emplace_back(seed);
  return source;
}

Tensor NoiseSource::draw(IntArrayRef sizes) {
  if (!per_image_) return streams_[0].randn(sizes);
  MEZZO_CHECK(!sizes.empty() && sizes[0] == static_cast<int64_t>(streams_.size()), "noise: got ",
              streams_.size(), " seeds for a batch of ", sizes, ", wanted one for each image");
  std::vector<int64_t> image(sizes.begin(), sizes.end());
  image[0] = 1;
  std::vector<Tensor> drawn;
  for (RandomStream& stream : streams_) drawn.push_back(stream.randn(image));
  return at::cat(drawn);
}

DrawNoise NoiseSource::drawing(IntArrayRef sizes, c10::Device device) const {
  return [source = *this, shape = sizes.vec(), device]() mutable {
    return source.draw(shape).to(device);
  };
}

}  // namespace mezzotint
