#pragma once

#include <memory>

#include "mezzotint/training/optimizer.h"

namespace mezzotint {

/// While it lives, backward() updates each parameter as soon as its gradient is whole, and drops
/// the gradient: those of all parameters never exist together, which saves the memory of the
/// weights once. The numbers are those of Optimizer::step() after backward(). Only for an update
/// that needs no norm beforehand (no clipping), and whose gradients this backward pass completes.
class StepInBackward {
 public:
  /// Begins the update. @param terms its gradient_scale is 1; its ema lives longer than this.
  StepInBackward(Optimizer& optimizer, const UpdateTerms& terms);
  ~StepInBackward();
  StepInBackward(const StepInBackward&) = delete;
  StepInBackward& operator=(const StepInBackward&) = delete;

  /// After backward(): averages of parameters that had no gradient move on.
  /// @return the Euclidean norm of all gradients. If that isn't finite, updates stopped at the
  /// first gradient that wasn't, so that no parameter has become so, and gradients are left.
  double finish();

  /// Whether backward() runs its hooks in the calling thread for these: all on the CPU.
  static bool possible(const Weights& parameters);

 private:
  struct Update;
  class Hook;
  std::shared_ptr<Update> update_;
};

}  // namespace mezzotint
