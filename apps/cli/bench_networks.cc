#include "apps/cli/bench_networks.h"

#include "mezzotint/base/random.h"
#include "mezzotint/training/presets.h"
#include "mezzotint/training/run_config.h"

namespace mezzotint::cli {
namespace {

using nlohmann::json;

// unet/config.json and scheduler_config.json of google/ddpm-celebahq-256, keys that have their
// default value left out.
constexpr const char* kCelebahq = R"({
  "block_out_channels": [128, 128, 256, 256, 512, 512],
  "down_block_types": ["DownBlock2D", "DownBlock2D", "DownBlock2D", "DownBlock2D",
                       "AttnDownBlock2D", "DownBlock2D"],
  "up_block_types": ["UpBlock2D", "AttnUpBlock2D", "UpBlock2D", "UpBlock2D", "UpBlock2D",
                     "UpBlock2D"],
  "layers_per_block": 2, "attention_head_dim": null, "downsample_padding": 0,
  "flip_sin_to_cos": false, "freq_shift": 1, "norm_eps": 1e-6
})";

RunConfig mnist_config() {
  RunConfig config;
  overlay(config, Registry<Preset>::at("preset", "course-mnist").values, "preset course-mnist");
  return config;
}

}  // namespace

Pipeline celebahq_pipeline(uint64_t seed, int64_t size, c10::Device device) {
  json config = json::parse(kCelebahq);
  config["sample_size"] = size;
  Pipeline pipeline;
  pipeline.unet = std::make_shared<UNet2DModel>(config, RandomStream(seed));
  if (!device.is_cpu()) {
    Weights moved;
    for (const auto& [key, tensor] : pipeline.unet->parameters()) moved.set(key, tensor.to(device));
    pipeline.unet = std::make_shared<UNet2DModel>(config, moved);
  }
  pipeline.scheduler_config = make_scheduler("ddpm", json::object(), 0)->config();
  return pipeline;
}

Pipeline mnist_pipeline(uint64_t seed, int64_t size) {
  constexpr int64_t kClasses = 10;
  RunConfig config = mnist_config();
  config.model["in_channels"] = config.transform.channels + config.class_emb_size;
  config.model["out_channels"] = config.transform.channels;
  config.model["sample_size"] = size;
  RandomStream stream(seed);
  Pipeline pipeline;
  pipeline.class_name = "ClassConditionedDDPMPipeline";
  pipeline.class_emb = stream.randn({kClasses, config.class_emb_size});
  pipeline.unet = std::make_shared<UNet2DModel>(config.model, stream);
  pipeline.scheduler_config = make_scheduler("ddpm", config.scheduler, 0)->config();
  return pipeline;
}

TrainConfig mnist_recipe() { return mnist_config().training; }

}  // namespace mezzotint::cli
