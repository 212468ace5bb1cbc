#pragma once

#include <cstdint>
#include <functional>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// The seam between networks and mathematics: (x_bchw, t_b) -> model output, shaped as x (or with
/// twice the channels where the model learns its variance). x_bchw is [B, C, H, W], float32; t_b is
/// [B], the timestep of each image.
using Predict = std::function<Tensor(const Tensor& x_bchw, const Tensor& t_b)>;

/// The network on pictures first, first + 1, ... of a batch: it may hold their labels.
using PredictFor = std::function<Predict(int64_t first, int64_t count)>;

/// Draws standard normal noise in the shape that the loop works on. A step calls it only when it
/// needs noise, so a random stream advances exactly as the reference implementation's does.
using DrawNoise = std::function<Tensor()>;

}  // namespace mezzotint
