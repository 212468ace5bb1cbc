// The bench workload guide-celebahq-256: what steering through the network costs in each step, the
// course's method 2.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/full.h>
#include <torch/csrc/autograd/autograd.h>

#include "mezzotint/base/random.h"
#include "mezzotint/base/registry.h"

#include "apps/cli/bench_networks.h"
#include "apps/cli/bench_workload.h"

namespace mezzotint::cli {
namespace {

/// The gradient, in the picture, of the mean distance between the predicted clean picture and a
/// colour. The network's weights are frozen.
Tensor color_gradient(const Predict& predict, const Tensor& noisy_bchw, const Tensor& t_b,
                      double abar) {
  constexpr double kGrey = 0.2;  // a colour is three such numbers; one costs the same
  const at::AutoGradMode record(true);
  const Tensor x = noisy_bchw.detach().requires_grad_();
  const Tensor eps = predict(x, t_b);
  const Tensor x0 = (x - std::sqrt(1 - abar) * eps) / std::sqrt(abar);
  const Tensor loss = (x0 - kGrey).abs().mean();
  return torch::autograd::grad({loss}, {x})[0];
}

void run(const BenchSettings& settings, const OnTime& on_time) {
  const Pipeline pipeline = celebahq_pipeline(settings.seed, settings.size, settings.device);
  pipeline.unet->set_gradient_checkpointing(settings.gradient_checkpointing);
  const SchedulerPtr scheduler = pipeline.scheduler("ddim", settings.iters + 1);
  const Tensor noise = RandomStream(stream_seed(settings.seed, "noise"))
                           .randn({settings.batch, 3, settings.size, settings.size})
                           .to(settings.device);
  const Predict predict = pipeline.predict();
  Laps laps(on_time);
  for (const double t : scheduler->timesteps()) {
    const auto abar = scheduler->alphas_cumprod()[static_cast<int64_t>(t)].item<double>();
    const Tensor t_b =
        at::full({settings.batch}, static_cast<int64_t>(t), noise.options().dtype(at::kLong));
    const Tensor gradient = color_gradient(predict, noise, t_b, abar);
    gradient.view(-1)[0].item<float>();  // other devices work ahead of their caller
    laps.lap();
  }
}

const Registered<BenchWorkload> kGuide(
    "guide-celebahq-256",
    {"the gradient of a colour loss through the network to the picture, weights frozen", 1, 256, 32,
     false, run});

}  // namespace
}  // namespace mezzotint::cli
