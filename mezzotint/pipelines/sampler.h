#pragma once

#include <functional>

#include "mezzotint/base/cancel.h"
#include "mezzotint/base/predict.h"
#include "mezzotint/guidance/steered.h"
#include "mezzotint/pipelines/noise_source.h"
#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {

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

/// The loop: for each timestep steer -> step. No gradients are recorded but those that `steer`
/// needs for itself.
/// @param steer unsteered(predict), or guided(...) of guidance/guidance.h.
/// @param noise unit variance, [B, C, H, W] float32; multiplied by init_noise_sigma here.
/// @param draw_noise called by each step that adds noise; may be empty for a scheduler that adds
/// none.
/// @return the last prev_sample, in model range (about [-1, 1]), not clamped.
Tensor sample(const Steer& steer, const Scheduler& scheduler, const Tensor& noise,
              const DrawNoise& draw_noise, const SampleOptions& options = {});
/// Without guidance: scale_model_input -> predict -> step.
Tensor sample(const Predict& predict, const Scheduler& scheduler, const Tensor& noise,
              const DrawNoise& draw_noise, const SampleOptions& options = {});

/// Wraps a callable so that at most `chunk` images pass through the network at once; the result
/// doesn't depend on it. Raising `cancel` ends a call between two chunks, with Error (kCancelled).
Predict in_chunks(Predict predict, int64_t chunk, const CancelToken& cancel = {});
/// The same for callables that hold the labels of their images.
Predict in_chunks(PredictFor predict_for, int64_t chunk, const CancelToken& cancel = {});

}  // namespace mezzotint
