#pragma once

#include <functional>
#include <vector>

#include <c10/core/Device.h>

#include "mezzotint/base/cancel.h"
#include "mezzotint/base/predict.h"
#include "mezzotint/base/random.h"
#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {

/// Where the random numbers of a run come from: one stream for the whole batch (what diffusers does
/// with one generator), or one per image (a list of generators), so that image k doesn't depend on
/// the batch it is in.
class NoiseSource {
 public:
  static NoiseSource one(uint64_t seed);
  static NoiseSource per_image(const std::vector<uint64_t>& seeds);
  /// Standard normal [B, C, H, W] float32. With per-image streams B must be their number.
  Tensor draw(IntArrayRef sizes);
  /// The same streams as the callable that sample() takes: each call draws `sizes` and moves it to
  /// `device`.
  DrawNoise drawing(IntArrayRef sizes, c10::Device device = c10::kCPU) const;

 private:
  std::vector<RandomStream> streams_;
  bool per_image_ = false;
};

/// What the loop reports after each step.
struct SampleProgress {
  size_t index;  ///< 0, 1, ... of `total`
  size_t total;
  double timestep;
  const Step& step;
};

struct SampleOptions {
  CancelToken cancel;
  std::function<void(const SampleProgress&)> on_step;  ///< may be empty
};

/// The loop: for each timestep scale_model_input -> predict -> step. No gradients are recorded.
/// @param noise unit variance, [B, C, H, W] float32; multiplied by init_noise_sigma here.
/// @return the last prev_sample, in model range (about [-1, 1]), not clamped.
Tensor sample(const Predict& predict, const Scheduler& scheduler, const Tensor& noise,
              const DrawNoise& draw_noise, const SampleOptions& options = {});

/// Wraps a callable so that at most `chunk` images pass through the network at once; the result
/// doesn't depend on it. Raising `cancel` ends a call between two chunks, with Error (kCancelled).
Predict in_chunks(Predict predict, int64_t chunk, const CancelToken& cancel = {});
/// The same for callables that hold the labels of their images: `predict_for` makes the callable of
/// a part of them.
Predict in_chunks(std::function<Predict(const Tensor& labels_b)> predict_for,
                  const Tensor& labels_b, int64_t chunk, const CancelToken& cancel = {});

}  // namespace mezzotint
