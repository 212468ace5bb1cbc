#pragma once

#include <string>

#include "mezzotint/training/learner.h"

namespace mezzotint {

/// Thrown within the training loop for a loss or gradient that is no number.
struct NotFinite {
  std::string what;  ///< which, where in the run, and what is known of why
};

/// The loss of a micro-batch. @throws NotFinite
double finite_mean(const Tensor& losses_b, const MicroBatch& batch, const Position& at);

/// @param norm of all gradients, which hang on the parameters. @throws NotFinite naming the
/// gradient that the backward pass met first.
void require_finite(double norm, const Weights& parameters, const MicroBatch& batch,
                    const Tensor& losses_b, const Position& at);

}  // namespace mezzotint
