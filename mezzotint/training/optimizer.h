#pragma once

#include "mezzotint/base/weights.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint {

/// Adam (Kingma and Ba 2015) or AdamW (Loshchilov and Hutter 2019) over named parameters, with
/// torch.optim's numbers.
class Optimizer {
 public:
  /// The parameters are leaves that require a gradient; they are changed in place.
  Optimizer(const TrainConfig& config, Weights parameters);

  /// One update with the gradients that backward() left; a parameter without one is passed over, as
  /// in torch. @param lr the learning rate, schedule included; the configuration's isn't read.
  void step(double lr);
  /// Drops all gradients (torch's zero_grad(set_to_none=True)).
  void drop_gradients();

  /// "exp_avg.KEY" and "exp_avg_sq.KEY", shaped as the parameter KEY, and "step.KEY", a scalar, of
  /// every parameter: torch's names.
  const Weights& state() const { return state_; }
  /// Goes on from a checkpoint. @throws Error when a key or shape is missing.
  void restore(const Weights& state);

 private:
  TrainConfig config_;
  Weights parameters_;
  Weights state_;
};

/// The Euclidean norm of all gradients together; 0 when there are none.
double gradient_norm(const Weights& parameters);
/// Scales all gradients so that their norm is at most `max_norm` > 0, as
/// torch.nn.utils.clip_grad_norm_ does.
/// @param norm what gradient_norm() gave.
void clip_gradients(const Weights& parameters, double norm, double max_norm);

}  // namespace mezzotint
