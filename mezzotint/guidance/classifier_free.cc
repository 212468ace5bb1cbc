#include "mezzotint/guidance/classifier_free.h"

namespace mezzotint {

Predict classifier_free(Predict conditional, Predict unconditional, double guidance_scale) {
  if (guidance_scale == 1) return conditional;
  return [conditional = std::move(conditional), unconditional = std::move(unconditional),
          guidance_scale](const Tensor& x_bchw, const Tensor& t_b) {
    const Tensor without = unconditional(x_bchw, t_b);
    return without + guidance_scale * (conditional(x_bchw, t_b) - without);
  };
}

}  // namespace mezzotint
