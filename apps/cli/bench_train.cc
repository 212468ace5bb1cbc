// The bench workloads finetune-celebahq-128 and train-mnist-28: whole training steps of train(),
// which `mezzotint finetune` and `train` run: noise and timesteps drawn, forward, loss, backward,
// optimizer.
#include "mezzotint/base/random.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/training/denoising_learner.h"
#include "mezzotint/training/trainer.h"

#include "apps/cli/bench_networks.h"
#include "apps/cli/bench_workload.h"

namespace mezzotint::cli {
namespace {

/// Each step ends with the record of its loss.
class LapLogger : public Logger {
 public:
  explicit LapLogger(const OnTime& on_time) : laps_(on_time) {}
  void log(const Record& record) override {
    if (record.name == "loss") laps_.lap();
  }

 private:
  Laps laps_;
};

/// Pictures and labels that are drawn once, so that reading data isn't timed.
BatchSource random_batches(const Pipeline& pipeline, const BenchSettings& settings) {
  RandomStream stream(stream_seed(settings.seed, "data"));
  Batch batch;
  batch.x0_bchw =
      stream.rand({settings.batch, pipeline.image_channels(), settings.size, settings.size}) * 2 -
      1;
  if (pipeline.class_count() > 0)
    batch.label_b = stream.randint(0, pipeline.class_count(), {settings.batch});
  return {settings.iters + 1, [batch](int64_t, int64_t) { return batch; }};
}

void time_steps(const Pipeline& pipeline, TrainConfig config, const BenchSettings& settings,
                const OnTime& on_time) {
  config.batch_size = settings.batch;
  config.num_epochs = 1;
  config.seed = settings.seed;
  config.gradient_checkpointing = settings.gradient_checkpointing;
  DenoisingLearner learner(pipeline, random_batches(pipeline, settings), config, {});
  train(learner,
        {.config = config, .folder = {}, .loggers = {std::make_shared<LapLogger>(on_time)}});
}

void run_finetune(const BenchSettings& settings, const OnTime& on_time) {
  TrainConfig config;
  config.lr = 1e-5;
  time_steps(celebahq_pipeline(settings.seed, settings.size), config, settings, on_time);
}

void run_mnist(const BenchSettings& settings, const OnTime& on_time) {
  time_steps(mnist_pipeline(settings.seed, settings.size), mnist_recipe(), settings, on_time);
}

const Registered<BenchWorkload> kFinetune("finetune-celebahq-128",
                                          {"one training step with AdamW", 4, 128, 32, true,
                                           run_finetune});
const Registered<BenchWorkload> kMnist(
    "train-mnist-28",
    {"one training step of the course's class-conditional network", 128, 28, 4, true, run_mnist});

}  // namespace
}  // namespace mezzotint::cli
