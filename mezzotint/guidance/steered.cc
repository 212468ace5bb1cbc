#include "mezzotint/guidance/steered.h"

#include "mezzotint/schedulers/predict_at.h"

namespace mezzotint {

Steer unsteered(Predict predict, const Scheduler& scheduler) {
  return [predict = std::move(predict), &scheduler](const Tensor& x_bchw, size_t i) {
    return Steered{x_bchw, predict_at(predict, scheduler, i, x_bchw)};
  };
}

}  // namespace mezzotint
