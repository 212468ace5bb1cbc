#pragma once

#include <cstddef>

namespace mezzotint::kernels {

/// The numbers of one update of Adam (Kingma & Ba 2015, algorithm 1) with decoupled weight decay
/// (Loshchilov & Hutter 2019, algorithm 2) at update number t >= 1, rounded where torch's fused
/// kernels round them.
struct AdamStep {
  float gradient_scale;   ///< multiplied into gradients first: clipping
  float parameter_scale;  ///< 1 - lr * weight_decay; 1 without decay
  float mean_weight;      ///< 1 - beta1
  float square_scale;     ///< beta2
  float square_weight;    ///< 1 - beta2
  float step_size;        ///< lr / (1 - beta1^t)
  float root_correction;  ///< sqrt(1 - beta2^t)
  float epsilon;
  float average_weight;  ///< 1 - decay of the moving average of the parameters
};

/// What belongs to one run of parameters: equally long arrays that don't overlap.
struct AdamArrays {
  const float* gradient;
  float* parameter;
  float* mean;     ///< running mean of the gradients
  float* square;   ///< running mean of their squares
  float* average;  ///< moving average of the parameters, or null: there is none
};

/// Updates elements [begin, end) in one pass over memory. No element depends on another, nor on
/// where a range begins.
void adam_update(const AdamStep& step, const AdamArrays& arrays, size_t begin, size_t end);

/// The sum of the squares of n floats, in double precision: no square of a finite float is too
/// large or too small for it. Its last bits depend on the instruction set.
double sum_of_squares(const float* values, size_t n);

}  // namespace mezzotint::kernels
