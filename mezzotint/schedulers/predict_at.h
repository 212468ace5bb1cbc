#pragma once

#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {

/// Asks the network about step `i` of a plan: what predict(scale_model_input(sample), t) returns,
/// with the timestep for each image (int64 where it is whole, because a learned time embedding
/// looks it up; else float32). @param sample_bchw [B, C, H, W] as the loop has it, not scaled.
Tensor predict_at(const Predict& predict, const Scheduler& scheduler, size_t i,
                  const Tensor& sample_bchw);

}  // namespace mezzotint
