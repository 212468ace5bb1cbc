#include "mezzotint/pipelines/sampler.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <c10/core/GradMode.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

/// The timestep for each image: int64 where it is whole (a learned time embedding looks it up),
/// else float32.
Tensor timestep_batch(double t, const Tensor& x_bchw) {
  const auto options = x_bchw.options().requires_grad(false);
  if (t == std::floor(t))
    return at::full({x_bchw.size(0)}, static_cast<int64_t>(t), options.dtype(at::kLong));
  return at::full({x_bchw.size(0)}, t, options.dtype(at::kFloat));
}

}  // namespace

Tensor sample(const Predict& predict, const Scheduler& scheduler, const Tensor& noise,
              const DrawNoise& draw_noise, const SampleOptions& options) {
  MEZZO_CHECK(noise.dim() == 4 && noise.scalar_type() == at::kFloat, "sample: noise is ",
              noise.sizes(), " of ", noise.scalar_type(), ", wanted [B, C, H, W] float32");
  const c10::NoGradGuard no_gradients;
  const std::vector<double>& timesteps = scheduler.timesteps();
  History history;
  Tensor x = noise * scheduler.init_noise_sigma();
  for (size_t i = 0; i < timesteps.size(); ++i) {
    options.cancel.check();
    const Tensor output =
        predict(scheduler.scale_model_input(x, i), timestep_batch(timesteps[i], x));
    const Step step = scheduler.step(output, i, x, draw_noise, history);
    x = step.prev_sample;
    if (options.on_step) options.on_step({i, timesteps.size(), timesteps[i], step});
  }
  return x;
}

Predict in_chunks(Predict predict, int64_t chunk, const CancelToken& cancel) {
  return in_chunks([predict = std::move(predict)](const Tensor&) { return predict; }, Tensor(),
                   chunk, cancel);
}

Predict in_chunks(std::function<Predict(const Tensor& labels_b)> predict_for,
                  const Tensor& labels_b, int64_t chunk, const CancelToken& cancel) {
  MEZZO_CHECK(chunk > 0, "in_chunks: got ", chunk, " images at once, wanted at least 1");
  return [=, predict_for = std::move(predict_for)](const Tensor& x_bchw, const Tensor& t_b) {
    const int64_t batch = x_bchw.size(0);
    std::vector<Tensor> outputs;
    for (int64_t begin = 0; begin < batch; begin += chunk) {
      cancel.check();
      const int64_t end = std::min(begin + chunk, batch);
      const Tensor labels = labels_b.defined() ? labels_b.slice(0, begin, end) : labels_b;
      const Tensor t = t_b.size(0) == 1 ? t_b : t_b.slice(0, begin, end);
      outputs.push_back(predict_for(labels)(x_bchw.slice(0, begin, end), t));
    }
    return outputs.size() == 1 ? outputs[0] : at::cat(outputs);
  };
}

}  // namespace mezzotint
