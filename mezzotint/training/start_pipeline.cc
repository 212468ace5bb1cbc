#include "mezzotint/training/start_pipeline.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/schedulers/scheduler.h"
#include "mezzotint/training/lora_run.h"

namespace mezzotint {
namespace {

/// A key that follows from others may be given, but not wrongly.
void set_derived(nlohmann::json& model, const char* key, int64_t value, const char* why) {
  if (model.contains(key) && model.at(key) != value)
    fail_usage("model: ", key, ": got ", model.at(key).dump(), ", wanted ", value, " (", why, ")");
  model[key] = value;
}

/// The network and label embedding of a run from scratch, with the numbers that Python has after
/// manual_seed(stream_seed(seed, "weights")); nn.Embedding(...); UNet2DModel(...).
Pipeline fresh_pipeline(RunConfig& config) {
  Pipeline pipeline;
  RandomStream stream(stream_seed(config.training.seed, "weights"));
  const auto classes = static_cast<int64_t>(config.class_names.size());
  const int64_t planes = config.class_conditional ? config.class_emb_size : 0;
  if (config.class_conditional) {
    if (classes == 0) fail_unlabelled(config);
    pipeline.class_name = "ClassConditionedDDPMPipeline";
    pipeline.null_class = config.training.label_dropout > 0;
    pipeline.class_emb = stream.randn({classes + (pipeline.null_class ? 1 : 0), planes});
    pipeline.class_names = config.class_names;
  }
  const int64_t channels = config.transform.channels;
  set_derived(config.model, "in_channels", channels + planes,
              "channels of a picture and planes of its class");
  set_derived(config.model, "out_channels", channels, "channels of a picture");
  if (!config.model.contains("sample_size") && config.transform.height > 0) {
    if (config.transform.height == config.transform.width)
      config.model["sample_size"] = config.transform.height;
    else
      config.model["sample_size"] = {config.transform.height, config.transform.width};
  }
  try {
    pipeline.unet = std::make_shared<UNet2DModel>(config.model, stream);
    pipeline.scheduler_config = make_scheduler("ddpm", config.scheduler, 0)->config();
  } catch (const Error& error) {
    fail_usage(error.what());  // these are settings of the run, not a model's file
  }
  return pipeline;
}

/// The pipeline that a resolved configuration describes; its weights are anything.
Pipeline described_pipeline(const RunConfig& config) {
  Pipeline pipeline;
  pipeline.class_name = config.pipeline.at("class_name").get<std::string>();
  pipeline.model_index = config.pipeline.at("model_index");
  pipeline.unet = std::make_shared<UNet2DModel>(config.model, RandomStream(0));
  pipeline.scheduler_config = config.scheduler;
  pipeline.class_names = config.class_names;
  pipeline.null_class = config.pipeline.value("null_class", false);
  if (config.class_conditional)
    pipeline.class_emb =
        at::zeros({config.pipeline.at("num_classes").get<int64_t>(), config.class_emb_size});
  return pipeline;
}

/// A row for no class, which begins as the mean of all classes.
void add_null_class(Pipeline& pipeline) {
  if (pipeline.null_class || !pipeline.class_conditional()) return;
  pipeline.class_emb = at::cat({pipeline.class_emb, pipeline.class_emb.mean(0, /*keepdim=*/true)});
  pipeline.null_class = true;
}

/// The same network, with other dropout while training.
void set_dropout(Pipeline& pipeline, const nlohmann::json& share) {
  nlohmann::json network = pipeline.unet->config();
  if (network.value("dropout", nlohmann::json(0.0)) == share) return;
  network["dropout"] = share;
  pipeline.unet = std::make_shared<UNet2DModel>(network, pipeline.unet->parameters());
}

/// What a run begins with: random weights, or those of config.init, which then decides what the
/// network is.
Pipeline first_pipeline(RunConfig& config) {
  if (config.init.empty()) return fresh_pipeline(config);
  Pipeline pipeline = load_pipeline(find_model(config.init));
  config.class_conditional = pipeline.class_conditional();
  if (config.class_conditional) config.class_emb_size = pipeline.class_emb.size(1);
  if (config.training.label_dropout > 0) {
    if (config.lora.rank > 0 && pipeline.class_conditional() && !pipeline.null_class)
      fail_usage("training: label_dropout: ", config.init,
                 " has no row for no class, which an adapter (lora) doesn't learn; train the whole "
                 "network");
    add_null_class(pipeline);
  }
  if (config.model.contains("dropout")) set_dropout(pipeline, config.model.at("dropout"));
  config.class_names = pipeline.class_names;
  return pipeline;
}

/// The pretrained pipeline with an adapter that learns beside its weights.
Pipeline adapted_pipeline(RunConfig& config) {
  if (config.init.empty())
    fail_usage(
        "training: lora adapts a pretrained network, and random weights need to learn themselves; "
        "give --init MODEL, or leave out the rank");
  Pipeline pipeline = first_pipeline(config);
  start_adapter(pipeline, config);
  return pipeline;
}

}  // namespace

Pipeline start_pipeline(RunConfig& config, StartWeights weights) {
  if (config.lora.rank > 0) return adapted_pipeline(config);
  if (weights == StartWeights::kCheckpoint) return described_pipeline(config);
  return first_pipeline(config);
}

nlohmann::json pipeline_identity(const Pipeline& pipeline) {
  return {{"class_name", pipeline.class_name},
          {"model_index", pipeline.model_index},
          {"num_classes", pipeline.class_conditional() ? pipeline.class_emb.size(0) : 0},
          {"null_class", pipeline.null_class}};
}

void fail_unlabelled(const RunConfig& config) {
  fail_usage("training: class-conditional, but the data has no labels: ", config.data,
             "; put the pictures of each class in a folder of its own");
}

}  // namespace mezzotint
