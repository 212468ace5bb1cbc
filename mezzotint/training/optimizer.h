#pragma once

#include <span>
#include <string>
#include <vector>

#include "mezzotint/base/weights.h"
#include "mezzotint/ops/adam.h"
#include "mezzotint/training/ema.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint {

/// What an update takes besides the gradients.
struct UpdateTerms {
  double lr = 0.0;              ///< schedule included; the configuration's isn't read
  double gradient_scale = 1.0;  ///< of clip_factor()
  Ema* ema = nullptr;           ///< takes the new weights in, in the same pass over memory
};

/// Adam (Kingma and Ba 2015) or AdamW (Loshchilov and Hutter 2019) over named parameters, with
/// torch.optim's numbers.
class Optimizer {
 public:
  /// The parameters are leaves that require a gradient; they are changed in place.
  Optimizer(const TrainConfig& config, Weights parameters);

  /// One update with the gradients that backward() left; a parameter without one is passed over, as
  /// in torch, but for its average.
  void step(const UpdateTerms& terms);
  /// The same of one parameter of an update whose averages have begun (Ema::begin_update): what
  /// step() is made of.
  void step_one(const std::string& key, const UpdateTerms& terms);
  /// Drops all gradients (torch's zero_grad(set_to_none=True)).
  void drop_gradients();

  const Weights& parameters() const { return parameters_; }
  /// "exp_avg.KEY" and "exp_avg_sq.KEY", shaped as the parameter KEY, and "step.KEY", a scalar, of
  /// every parameter: torch's names.
  const Weights& state() const { return state_; }
  /// Goes on from a checkpoint. @throws Error when a key or shape is missing.
  void restore(const Weights& state);

 private:
  ops::AdamRecipe recipe(const UpdateTerms& terms) const;
  ops::AdamTensors tensors(const std::string& key, const UpdateTerms& terms) const;

  TrainConfig config_;
  Weights parameters_;
  Weights state_;
};

/// The Euclidean norm of all gradients together; 0 when there are none.
double gradient_norm(const Weights& parameters);
/// What gradients are to be multiplied with so that their norm is at most `max_norm` > 0, as
/// torch.nn.utils.clip_grad_norm_ does; at most 1.
/// @param norm what gradient_norm() gave.
double clip_factor(double norm, double max_norm);

}  // namespace mezzotint
