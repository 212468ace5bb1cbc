#pragma once

#include <functional>

#include "mezzotint/base/predict.h"
#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {

/// What a sampling step goes on with: the sample, moved perhaps, and the network's output. They are
/// two because guidance moves the sample and keeps the output that the unmoved one had.
struct Steered {
  Tensor x_bchw;
  Tensor output;
};

/// Step `i` of a plan, before the scheduler: (x_bchw [B, C, H, W], i) -> what the scheduler gets.
using Steer = std::function<Steered(const Tensor& x_bchw, size_t i)>;

/// No guidance: the sample as it is. @param scheduler outlives the result.
Steer unsteered(Predict predict, const Scheduler& scheduler);

}  // namespace mezzotint
