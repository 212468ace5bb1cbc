// The bench workload guide-celebahq-256: what steering through the network costs in each step, the
// course's method 2.
#include "mezzotint/base/random.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/guidance/make_term.h"

#include "apps/cli/bench_networks.h"
#include "apps/cli/bench_workload.h"

namespace mezzotint::cli {
namespace {

void run(const BenchSettings& settings, const OnTime& on_time) {
  const Pipeline pipeline = celebahq_pipeline(settings.seed, settings.size, settings.device);
  pipeline.unet->set_gradient_checkpointing(settings.gradient_checkpointing);
  const SchedulerPtr scheduler = pipeline.scheduler("ddim", settings.iters + 1);
  const Tensor noise = RandomStream(stream_seed(settings.seed, "noise"))
                           .randn({settings.batch, 3, settings.size, settings.size})
                           .to(settings.device);
  const LossResources resources{.height = settings.size, .width = settings.size};
  const Guidance guidance{.terms = {make_term("color:#55FFAA", resources)},
                          .methods = parse_methods("2", "bench")};
  const PredictFor predict_for = [&](int64_t, int64_t) { return pipeline.predict(); };
  const Steer steer =
      guided(*scheduler, guidance, {.predict_for = predict_for, .chunk = settings.batch});
  Laps laps(on_time);
  for (size_t i = 0; i < scheduler->timesteps().size(); ++i) {
    const Steered moved = steer(noise, i);
    moved.x_bchw.view(-1)[0].item<float>();  // other devices work ahead of their caller
    laps.lap();
  }
}

const Registered<BenchWorkload> kGuide(
    "guide-celebahq-256",
    {"the gradient of a colour loss through the network to the picture, weights frozen", 1, 256, 32,
     false, run});

}  // namespace
}  // namespace mezzotint::cli
