#pragma once

#include <span>

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

/// How parameters are updated: Adam (Kingma & Ba 2015), with decoupled weight decay (Loshchilov &
/// Hutter 2019) where it isn't 0.
struct AdamRecipe {
  double lr = 0.0;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;
  double gradient_scale = 1.0;  ///< multiplied into gradients first: clipping
  double average_weight = 0.0;  ///< 1 - decay of the moving averages
};

/// What belongs to one parameter; all of its shape but the step.
struct AdamTensors {
  Tensor parameter, gradient;
  Tensor mean, square;  ///< exp_avg and exp_avg_sq of torch
  Tensor step;          ///< updates done, a float32 scalar
  Tensor average;       ///< moving average of the parameter; undefined: none is kept
};

/// One update of each parameter in place, with the numbers of torch's fused kernels: gradients are
/// scaled (and left as they are), moments, parameter and step move on, then the average:
/// average -= average_weight * (average - parameter). On the CPU in float32 all of it is one pass
/// over memory (kernels/adam); all else is LibTorch's, which writes the scaled gradients back.
/// The same bits whatever the number of threads.
void adam_update(const AdamRecipe& recipe, std::span<const AdamTensors> all);

/// average -= weight * (average - parameter), in place.
void move_average(const Tensor& average, const Tensor& parameter, double weight);

/// The Euclidean norm of all tensors together; 0 when there are none. On the CPU in float32 it is
/// summed in double precision, the same bits whatever the number of threads.
double norm(std::span<const Tensor> all);

}  // namespace mezzotint::ops
