// Recipe `diffusion`: a pipeline learns to denoise.

#include <cmath>
#include <filesystem>

#include <ATen/ops/tensor.h>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/random.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/data/hold_out.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/weights_folder.h"
#include "mezzotint/schedulers/scheduler.h"
#include "mezzotint/training/denoising_learner.h"
#include "mezzotint/training/lora_run.h"
#include "mezzotint/training/memory_plan.h"
#include "mezzotint/training/pace.h"
#include "mezzotint/training/prepared_run.h"
#include "mezzotint/training/start_pipeline.h"
#include "mezzotint/training/timestep_sampler.h"

namespace mezzotint {
namespace {

/// Bytes that the loader keeps of a picture besides its pixels.
constexpr double kPictureOverhead = 120;

std::string absolute_if_there(const std::string& path) {
  std::error_code none;
  return std::filesystem::exists(path, none)
             ? std::filesystem::absolute(path).lexically_normal().string()
             : path;
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

void save_raw_beside(const Weights& raw, const std::filesystem::path& folder) {
  write_weights_folder(folder / "unet", raw.below("unet."), "non_ema");
  if (!raw.contains("class_emb.weight")) return;
  Weights embedding;
  embedding.set("class_emb.weight", raw.at("class_emb.weight"));
  write_weights_folder(folder / "class_emb", embedding, "non_ema");
}

class DenoisingRun final : public PreparedRun {
 public:
  DenoisingRun(RunConfig resolved, StartWeights weights) {
    config = std::move(resolved);
    open_data();
    if (config.class_names.empty()) config.class_names = dataset_->class_names();
    pipeline_ = start_pipeline(config, weights);
    notes = pipeline_.warnings;
    if (config.training.label_dropout > 0 && pipeline_.null_label() < 0)
      fail_usage("training: label_dropout needs a network with class_emb: --class-conditional");
    fit_to_pipeline();
    if (config.training.sample_count > 0)  // refuses what can't be sampled with, before the work
      pipeline_.scheduler(config.training.sample_scheduler, config.training.sample_steps);
    check_timesteps();
    config.data = absolute_if_there(config.data);
    config.init = absolute_if_there(config.init);
    config.model = pipeline_.unet->config();
    config.scheduler = pipeline_.scheduler_config;
    config.pipeline.update(pipeline_identity(pipeline_));
    fitted_ = fit_memory(config.training, *pipeline_.unet, memory_needs());
    check_pictures();
    check_adapter();
    plan = plan_training(config.training, loader().batches_per_epoch());
  }

  std::unique_ptr<Learner> learner(const std::filesystem::path& folder) override {
    const DenoisingLearner::Place place = {folder.empty() ? folder : folder / "samples",
                                           config.transform.height, config.transform.width,
                                           held_out_ ? labelled(held_out_loader()) : BatchSource{}};
    return std::make_unique<DenoisingLearner>(pipeline_, labelled(loader()), config.training,
                                              place);
  }

  void try_data() const override { loader().batch(0, 0); }

  void save(const std::optional<Ema>& ema, const std::filesystem::path& folder) const override {
    if (config.lora.rank > 0) return save_adapted(pipeline_, config.init, ema, folder);
    const Weights parameters = trainable_parameters(pipeline_);
    if (!ema) return save_pipeline(pipeline_, folder);
    Weights raw;  // aliases that keep the raw values while the parameters show the average
    for (const auto& [key, tensor] : parameters) raw.set(key, tensor.detach());
    const UseAverage average(&*ema, parameters);
    write_folder_atomic(folder, [&](const std::filesystem::path& scratch) {
      save_pipeline(pipeline_, scratch);
      save_raw_beside(raw, scratch);
    });
  }

  std::vector<std::string> describe() const override {
    std::string data = "data: " + dataset_->describe();
    if (held_out_) data += concat("; ", held_out_->size(), " more to validate on");
    std::vector<std::string> lines = {data, network_line()};
    if (config.lora.rank > 0)
      lines.push_back(adapter_in_words(pipeline_.unet->adapter(), config.lora));
    lines.push_back(memory_line());
    if (!fitted_.empty()) lines.push_back(fitted_);
    return lines;
  }

  std::optional<Pace> pace() const override {
    const Pace pace = measure_pace(pipeline_, config.training, config.transform.height,
                                   config.transform.width, plan.updates);
    return pace.micro_batch > 0 ? std::optional(pace) : std::nullopt;
  }

  RunForecast forecast(const Position& start, const Pace& pace) const override {
    const TrainConfig& c = config.training;
    const auto left = static_cast<double>(plan.updates - start.update);
    // How often something is due before the end, and at the end.
    const auto times = [&](int64_t every) {
      return every > 0 ? std::floor((left - 1) / static_cast<double>(every)) + 1 : 1;
    };
    const double looks = c.ema ? 2 : 1;  // raw weights and average
    const double before = start.update == 0 ? 1 : 0;
    const double shown = (before + times(c.log_samples_every) * looks) *
                         static_cast<double>(c.sample_count * c.sample_steps) * pace.sampled,
                 validated = held_out_ ? (before + times(c.validate_every)) * looks *
                                             static_cast<double>(held_out_->size()) * pace.sampled
                                       : 0;
    RunForecast found;
    found.peak_bytes = peak_memory(*pipeline_.unet, c, memory_needs());
    // The last micro-batches of an epoch are fewer, and hold fewer pictures.
    const double per_epoch = static_cast<double>(dataset_->size()) /
                             static_cast<double>(c.batch_size * plan.updates_per_epoch);
    found.seconds_per_update =
        std::min(per_epoch, static_cast<double>(c.grad_accumulation_steps)) * pace.micro_batch;
    found.seconds = left * found.seconds_per_update + shown + validated;
    return found;
  }

 private:
  /// Refuses timesteps that the schedule hasn't, before anything is written.
  void check_timesteps() const {
    const SchedulerPtr ddpm = make_scheduler("ddpm", pipeline_.scheduler_config, 0);
    make_timestep_sampler(config.training, ddpm->alphas_cumprod().size(0));
  }

  void check_adapter() {
    const LoraConfig usual;
    const bool meant = config.lora.alpha != usual.alpha || config.lora.targets != usual.targets;
    if (config.lora.rank == 0 && meant)
      fail_usage("training: lora: settings of an adapter, but no rank; give --lora-rank 8, say");
    constexpr double kLittle = 1e-4;
    if (config.lora.rank > 0 && config.training.lr < kLittle)
      notes.push_back(concat("an adapter hardly learns at lr ", config.training.lr,
                             "; ten to a hundred times a network's is usual: --lr 1e-3"));
  }

  /// Other pictures would come in another order, and the run go another way than it says.
  void check_pictures() {
    const int64_t now = dataset_->size();
    if (config.pictures > 0 && config.pictures != now)
      fail(config.data, ": has ", counted(now, "picture"),
           " to learn from, and the run began with ", config.pictures,
           "; put them back, or begin another run");
    config.pictures = now;
  }

  /// What is learned from, and what the loss is validated on: some of the test split, or pictures
  /// that are held out.
  void open_data() {
    dataset_ = open_dataset(config.data, config.split);
    const int64_t count = config.training.validation_count;
    if (count == 0) return;
    const uint64_t seed = stream_seed(config.training.seed, "validation");
    const DatasetPtr test = config.split == "train" ? open_split(config.data, "test") : nullptr;
    if (test) {
      held_out_ = random_part(test, count, seed);
      return;
    }
    const HeldOut parts = hold_out(dataset_, count, seed);
    dataset_ = parts.kept;
    held_out_ = parts.held_out;
  }

  /// The pictures must have the network's channels, and labels that it knows.
  void fit_to_pipeline() {
    config.transform.channels = pipeline_.image_channels();
    const auto [height, width] = pipeline_.unet->sample_size();
    if (config.transform.height == 0) config.transform.height = height;
    if (config.transform.width == 0) config.transform.width = width;
    check_size(config, *pipeline_.unet);
    const auto classes = static_cast<int64_t>(dataset_->class_names().size());
    if (pipeline_.class_count() > 0 && classes == 0) fail_unlabelled(config);
    if (pipeline_.class_count() > 0 && classes > pipeline_.class_count())
      fail_usage("training: the data has ", counted(classes, "class", "es"), ", the network ",
                 pipeline_.class_count());
    if (pipeline_.class_count() == 0) return;
    label_numbers();  // refuses what the network doesn't know
    if (renamed())
      notes.push_back(concat("the data's classes ", joined(dataset_->class_names()),
                             " are taken, in this order, for the network's ",
                             joined(pipeline_.class_names)));
  }

  /// Whether the data's classes are the network's under other names, in the same order.
  bool renamed() const {
    const std::vector<std::string>&data = dataset_->class_names(), &known = pipeline_.class_names;
    return data.size() == known.size() && std::ranges::none_of(data, [&](const std::string& name) {
             return std::ranges::find(known, name) != known.end();
           });
  }

  /// The network's number for each of the data's classes: by name where both have names.
  Tensor label_numbers() const {
    const std::vector<std::string>& data = dataset_->class_names();
    const std::vector<std::string> known =
        renamed() ? std::vector<std::string>() : pipeline_.class_names;
    std::vector<int64_t> numbers;
    for (const std::string& name : data) {
      const auto place = std::ranges::find(known, name);
      if (!known.empty() && place == known.end())
        fail_usage("training: the data has the class '", name, "', the network ", joined(known),
                   did_you_mean(name, known));
      numbers.push_back(known.empty() ? static_cast<int64_t>(numbers.size())
                                      : place - known.begin());
    }
    return at::tensor(numbers, at::kLong);
  }

  /// The loader's batches, under the network's labels.
  BatchSource labelled(const Loader& loader) const {
    BatchSource source = batches_of(loader);
    if (pipeline_.class_count() == 0) return source;
    source.batch = [of_data = source.batch, numbers = label_numbers()](int64_t epoch, int64_t i) {
      Batch batch = of_data(epoch, i);
      if (batch.label_b.defined()) batch.label_b = numbers.index_select(0, batch.label_b);
      return batch;
    };
    return source;
  }

  Loader loader() const {
    Loader::Options options;
    options.batch_size = config.training.batch_size;
    options.seed = stream_seed(config.training.seed, "data");
    options.on_damaged = config.on_damaged;
    return {dataset_, config.transform, options};
  }

  /// The held-out pictures, each always looking the same.
  Loader held_out_loader() const {
    TransformConfig still = config.transform;
    still.horizontal_flip = false;
    if (still.resize == "random_crop") still.resize = "center_crop";
    Loader::Options options;
    options.batch_size = config.training.batch_size;
    options.shuffle = false;
    options.on_damaged = config.on_damaged;
    return {held_out_, still, options};
  }

  std::string network_line() const {
    const TransformConfig& transform = config.transform;
    const std::string classes =
        pipeline_.class_count() > 0 ? ", " + counted(pipeline_.class_count(), "class", "es") : "";
    const std::string origin = config.init.empty() ? "from scratch" : "from " + config.init;
    int64_t parameters = pipeline_.unet->parameters().element_count();
    if (pipeline_.class_conditional()) parameters += pipeline_.class_emb.numel();
    return concat("network: ", in_millions(parameters), " parameters, pictures ", transform.width,
                  "x", transform.height, "x", transform.channels, classes, ", ", origin);
  }

  MemoryNeeds memory_needs() const {
    const TransformConfig& transform = config.transform;
    const double picture =
                     static_cast<double>(transform.height * transform.width * transform.channels) +
                     kPictureOverhead,
                 pictures = static_cast<double>(dataset_->size());
    return {transform.height, transform.width,
            static_cast<double>(dataset_->held_bytes()) +
                std::min(pictures * picture, static_cast<double>(Loader::Options().cache_bytes))};
  }

  /// About how much a step holds at its peak.
  std::string memory_line() const {
    const auto megabytes = [&](const TrainConfig& with) {
      return std::llround(peak_memory(*pipeline_.unet, with, memory_needs()) / 1e6);
    };
    const std::string about = concat("memory: about ", megabytes(config.training), " MB");
    if (config.training.gradient_checkpointing) return about;
    TrainConfig checkpointed = config.training;
    checkpointed.gradient_checkpointing = true;
    return concat(about, "; ", megabytes(checkpointed), " with --gradient-checkpointing");
  }

  std::string fitted_;  ///< what was decided to fit into config.training.memory
  DatasetPtr dataset_, held_out_;
  Pipeline pipeline_;
};

PreparedRunPtr prepare_denoising(RunConfig config, StartWeights weights) {
  return std::make_unique<DenoisingRun>(std::move(config), weights);
}

const Registered<Recipe> kDiffusion("diffusion",
                                    {"a network learns to denoise pictures", prepare_denoising});

}  // namespace
}  // namespace mezzotint
