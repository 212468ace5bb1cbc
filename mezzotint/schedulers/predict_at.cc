#include "mezzotint/schedulers/predict_at.h"

#include <cmath>

#include <ATen/ops/full.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

Tensor timestep_batch(double t, const Tensor& x_bchw) {
  const auto options = x_bchw.options().requires_grad(false);
  if (t == std::floor(t))
    return at::full({x_bchw.size(0)}, static_cast<int64_t>(t), options.dtype(at::kLong));
  return at::full({x_bchw.size(0)}, t, options.dtype(at::kFloat));
}

}  // namespace

Tensor predict_at(const Predict& predict, const Scheduler& scheduler, size_t i,
                  const Tensor& sample_bchw) {
  MEZZO_CHECK(i < scheduler.timesteps().size(), "predict_at: there is no step ", i,
              ", the plan has ", scheduler.timesteps().size());
  return predict(scheduler.scale_model_input(sample_bchw, i),
                 timestep_batch(scheduler.timesteps()[i], sample_bchw));
}

}  // namespace mezzotint
