#include "mezzotint/pipelines/sampler.h"

#include <algorithm>
#include <vector>

#include <ATen/ops/cat.h>
#include <c10/core/GradMode.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
Tensor sample(const Predict& predict, const Scheduler& scheduler, const Tensor& noise,
              const DrawNoise& draw_noise, const SampleOptions& options) {
  return sample(unsteered(predict, scheduler), scheduler, noise, draw_noise, options);
}

Tensor sample(const Steer& steer, const Scheduler& scheduler, const Tensor& noise,
              const DrawNoise& draw_noise, const SampleOptions& options) {
  MEZZO_CHECK(noise.dim() == 4 && noise.scalar_type() == at::kFloat, "sample: noise is ",
              noise.sizes(), " of ", noise.scalar_type(), ", wanted [B, C, H, W] float32");
  const c10::NoGradGuard no_gradients;
  const std::vector<double>& timesteps = scheduler.timesteps();
  History history;
  Tensor x = noise * scheduler.init_noise_sigma();
  for (size_t i = 0; i < timesteps.size(); ++i) {
    options.cancel.check();
    const Steered now = steer(x, i);
    const Step step = scheduler.step(now.output, i, now.x_bchw, draw_noise, history);
    x = step.prev_sample;
    if (options.on_step) options.on_step({i, timesteps.size(), timesteps[i], step});
  }
  return x;
}

Predict in_chunks(Predict predict, int64_t chunk, const CancelToken& cancel) {
  return in_chunks([predict = std::move(predict)](int64_t, int64_t) { return predict; }, chunk,
                   cancel);
}

Predict in_chunks(PredictFor predict_for, int64_t chunk, const CancelToken& cancel) {
  MEZZO_CHECK(chunk > 0, "in_chunks: got ", chunk, " images at once, wanted at least 1");
  return [=, predict_for = std::move(predict_for)](const Tensor& x_bchw, const Tensor& t_b) {
    const int64_t batch = x_bchw.size(0);
    std::vector<Tensor> outputs;
    for (int64_t begin = 0; begin < batch; begin += chunk) {
      cancel.check();
      const int64_t count = std::min(chunk, batch - begin);
      const Tensor t = t_b.size(0) == 1 ? t_b : t_b.narrow(0, begin, count);
      outputs.push_back(predict_for(begin, count)(x_bchw.narrow(0, begin, count), t));
    }
    return outputs.size() == 1 ? outputs[0] : at::cat(outputs);
  };
}

}  // namespace mezzotint
