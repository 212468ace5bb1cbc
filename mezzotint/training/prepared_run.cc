#include "mezzotint/training/prepared_run.h"

#include <filesystem>

#include <ATen/ops/zeros.h>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/random.h"

namespace mezzotint {
namespace {

std::string absolute_if_there(const std::string& path) {
  std::error_code none;
  return std::filesystem::exists(path, none)
             ? std::filesystem::absolute(path).lexically_normal().string()
             : path;
}

[[noreturn]] void fail_unlabelled(const RunConfig& config) {
  fail_usage("training: class-conditional, but the data has no labels: ", config.data,
             "; put the pictures of each class in a folder of its own");
}

void check_size(const RunConfig& config, const UNet2DModel& unet) {
  const auto [height, width] = std::pair(config.transform.height, config.transform.width);
  if (height <= 0 || width <= 0)
    fail_usage("training: the size of the pictures isn't known; give --image-size");
  const int64_t multiple = unet.size_multiple();
  if (height % multiple || width % multiple)
    fail_usage("training: pictures of ", height, "x", width,
               " don't halve evenly in this network; height and width must be multiples of ",
               multiple);
}

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
    pipeline.class_emb = stream.randn({classes, planes});
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

nlohmann::json identity(const Pipeline& pipeline) {
  return {{"class_name", pipeline.class_name},
          {"model_index", pipeline.model_index},
          {"num_classes", pipeline.class_conditional() ? pipeline.class_emb.size(0) : 0}};
}

/// The pipeline that a resolved configuration describes; its weights are anything.
Pipeline described_pipeline(const RunConfig& config) {
  Pipeline pipeline;
  pipeline.class_name = config.pipeline.at("class_name").get<std::string>();
  pipeline.model_index = config.pipeline.at("model_index");
  pipeline.unet = std::make_shared<UNet2DModel>(config.model, RandomStream(0));
  pipeline.scheduler_config = config.scheduler;
  pipeline.class_names = config.class_names;
  if (config.class_conditional)
    pipeline.class_emb =
        at::zeros({config.pipeline.at("num_classes").get<int64_t>(), config.class_emb_size});
  return pipeline;
}

/// What a run begins with: random weights, or those of config.init, which then decides what the
/// network is.
Pipeline first_pipeline(RunConfig& config) {
  if (config.init.empty()) return fresh_pipeline(config);
  Pipeline pipeline = load_pipeline(find_model(config.init));
  config.init = absolute_if_there(config.init);
  config.class_conditional = pipeline.class_conditional();
  if (config.class_conditional) config.class_emb_size = pipeline.class_emb.size(1);
  config.class_names = pipeline.class_names;
  return pipeline;
}

/// The pictures must have the network's channels, and labels that it knows.
void fit_to_pipeline(RunConfig& config, const PreparedRun& run) {
  const Pipeline& pipeline = run.pipeline;
  config.transform.channels = pipeline.image_channels();
  const auto [height, width] = pipeline.unet->sample_size();
  if (config.transform.height == 0) config.transform.height = height;
  if (config.transform.width == 0) config.transform.width = width;
  check_size(config, *pipeline.unet);
  const auto classes = static_cast<int64_t>(run.dataset->class_names().size());
  if (pipeline.class_count() > 0 && classes == 0) fail_unlabelled(config);
  if (pipeline.class_count() > 0 && classes > pipeline.class_count())
    fail_usage("training: the data has ", counted(classes, "class", "es"), ", the network ",
               pipeline.class_count());
}

}  // namespace

Loader PreparedRun::loader() const {
  Loader::Options options;
  options.batch_size = config.training.batch_size;
  options.seed = stream_seed(config.training.seed, "data");
  options.on_damaged = config.on_damaged;
  return {dataset, config.transform, options};
}

PreparedRun prepare_run(RunConfig config, StartWeights weights) {
  validate(config.training);
  if (config.data.empty()) fail_usage("training: no data; give --data FOLDER");
  PreparedRun run;
  run.dataset = open_dataset(config.data, config.split);
  if (config.class_names.empty()) config.class_names = run.dataset->class_names();
  run.pipeline =
      weights == StartWeights::kCheckpoint ? described_pipeline(config) : first_pipeline(config);
  run.notes = run.pipeline.warnings;
  fit_to_pipeline(config, run);
  if (config.training.sample_count > 0)  // refuses what can't be sampled with, before the work
    run.pipeline.scheduler(config.training.sample_scheduler, config.training.sample_steps);
  config.data = absolute_if_there(config.data);
  config.model = run.pipeline.unet->config();
  config.scheduler = run.pipeline.scheduler_config;
  config.pipeline = identity(run.pipeline);
  run.config = std::move(config);
  run.plan = plan_training(run.config.training, run.loader().batches_per_epoch());
  return run;
}

}  // namespace mezzotint
