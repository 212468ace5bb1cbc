// The bench workload sample-celebahq-256: denoising steps, as `mezzotint sample` takes them.
#include "mezzotint/base/random.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/pipelines/sampler.h"

#include "apps/cli/bench_networks.h"
#include "apps/cli/bench_workload.h"

namespace mezzotint::cli {
namespace {

void run(const BenchSettings& settings, const OnTime& on_time) {
  const Pipeline pipeline = celebahq_pipeline(settings.seed, settings.size, settings.device);
  const SchedulerPtr scheduler = pipeline.scheduler("ddim", settings.iters + 1);
  const Tensor noise = RandomStream(stream_seed(settings.seed, "noise"))
                           .randn({settings.batch, 3, settings.size, settings.size})
                           .to(settings.device);
  Laps laps(on_time);
  const auto after_step = [&](const SampleProgress& now) {
    now.step.prev_sample.view(-1)[0].item<float>();  // other devices work ahead of their caller
    laps.lap();
  };
  sample(pipeline.predict(), *scheduler, noise, {}, {.on_step = after_step});
}

const Registered<BenchWorkload> kSample("sample-celebahq-256",
                                        {"one denoising step with DDIM", 1, 256, 32, false, run});

}  // namespace
}  // namespace mezzotint::cli
