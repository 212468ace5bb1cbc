// `mezzotint sample MODEL -o OUT`: makes pictures.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <ATen/ops/tensor.h>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/base/version.h"
#include "mezzotint/io/image_tensor.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/pipelines/sampler.h"
#include "mezzotint/report/preview_pair.h"

#include "apps/cli/device.h"
#include "apps/cli/labels.h"
#include "apps/cli/model_folder.h"
#include "apps/cli/model_hash.h"
#include "apps/cli/picture_output.h"
#include "apps/cli/progress.h"
#include "apps/cli/seeds.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string model, out, scheduler, labels, init_noise, trace, seeds, variant;
  int64_t count = 0, steps = 0, preview_every = 0, batch = 16, columns = 0;
  int64_t height = 0, width = 0;
  double eta = 0.0;
};

/// What is known once the model is loaded: what to draw, and from which noise.
struct Plan {
  std::vector<int64_t> labels;
  std::vector<uint64_t> seeds;  ///< one a picture; empty: one stream for all
  Tensor noise;                 ///< unit variance, [B, C, H, W]
  NoiseSource source;
  int64_t columns = 1;
};

/// The number of pictures that --count, --labels, --seeds and the noise agree on.
int64_t agreed_count(const Options& options, const Plan& plan, const Pipeline& pipeline) {
  struct Wish {
    const char* option;
    size_t count;
  };
  const Wish wishes[] = {{"-n", static_cast<size_t>(options.count)},
                         {"--labels", plan.labels.size()},
                         {"--seeds", plan.seeds.size()},
                         {"--init-noise", plan.noise.defined() ? plan.noise.size(0) : size_t{0}}};
  const Wish* first = nullptr;
  for (const Wish& wish : wishes) {
    if (wish.count == 0) continue;
    if (first && first->count != wish.count)
      fail_usage(first->option, " asks for ", first->count, " pictures but ", wish.option, " for ",
                 wish.count);
    if (!first) first = &wish;
  }
  if (first) return static_cast<int64_t>(first->count);
  return std::max<int64_t>(1, pipeline.class_count());
}

Tensor read_noise(const std::string& path, int64_t channels) {
  const Weights weights = read_safetensors(path).weights;
  if (!weights.contains("noise")) fail(path, ": has no tensor 'noise'");
  const Tensor noise = weights.at("noise").to(at::kFloat);
  MEZZO_CHECK(noise.dim() == 4 && noise.size(1) == channels && noise.size(0) > 0, path,
              ": 'noise' is ", noise.sizes(), ", wanted [pictures, ", channels, ", height, width]");
  return noise;
}

std::pair<int64_t, int64_t> picture_size(const Options& options, const Pipeline& pipeline) {
  auto [height, width] = pipeline.unet->sample_size();
  if (options.height > 0) height = options.height;
  if (options.width > 0) width = options.width;
  if (height <= 0 || width <= 0)
    fail_usage("the model doesn't say how large its pictures are; give --height and --width");
  return {height, width};
}

/// As many columns as a class has pictures, when all have the same number; else a pleasant number.
int64_t columns_of(const Options& options, const std::vector<int64_t>& labels, int64_t count) {
  if (options.columns > 0) return std::min(options.columns, count);
  int64_t run = 1;
  while (run < static_cast<int64_t>(labels.size()) && labels[run] == labels[0]) ++run;
  if (run > 1 && run < count && count % run == 0) return run;
  return count <= 4 ? count : count <= 16 && labels.empty() ? 4 : std::min<int64_t>(count, 10);
}

Plan make_plan(const Options& options, const GlobalOptions& global, const Pipeline& pipeline) {
  Plan plan{.source = NoiseSource::one(global.seed)};
  const int64_t classes = pipeline.class_count();
  if (!options.labels.empty()) {
    if (classes == 0) fail_usage("--labels: this model has no classes");
    plan.labels = labels_of(options.labels, pipeline);
  }
  if (!options.seeds.empty()) {
    if (global.seed_given) fail_usage("--seed and --seeds exclude each other");
    plan.seeds = seeds_of(options.seeds, "--seeds");
    plan.source = NoiseSource::per_image(plan.seeds);
  }
  if (!options.init_noise.empty())
    plan.noise = read_noise(options.init_noise, pipeline.image_channels());
  const int64_t count = agreed_count(options, plan, pipeline);
  if (plan.labels.empty() && classes > 0)
    for (int64_t i = 0; i < count; ++i) plan.labels.push_back(i % classes);
  if (!plan.noise.defined()) {
    const auto [height, width] = picture_size(options, pipeline);
    plan.noise = plan.source.draw({count, pipeline.image_channels(), height, width});
  }
  plan.columns = columns_of(options, plan.labels, count);
  return plan;
}

nlohmann::json recipe_of(const Options& options, const Context& context, const Pipeline& pipeline,
                         const Plan& plan, const SchedulerPtr& scheduler) {
  nlohmann::json recipe = {{"schema", "mezzotint/recipe/1"},
                           {"version", version()},
                           {"command", context.command_line},
                           {"model", options.model},
                           {"model_sha256", model_sha256(pipeline.path, options.variant)},
                           {"scheduler", scheduler->config().at("_class_name")},
                           {"steps", scheduler->timesteps().size()},
                           {"eta", options.eta},
                           {"images", plan.noise.size(0)},
                           {"height", plan.noise.size(2)},
                           {"width", plan.noise.size(3)},
                           {"device", context.global.device}};
  if (plan.seeds.empty())
    recipe["seed"] = context.global.seed;
  else
    recipe["seeds"] = plan.seeds;
  if (!plan.labels.empty()) recipe["labels"] = plan.labels;
  if (!options.init_noise.empty()) recipe["init_noise"] = options.init_noise;
  if (!options.variant.empty()) recipe["variant"] = options.variant;
  return recipe;
}

Tensor grid_or_one(const Tensor& images_bchw, int64_t columns) {
  const Tensor images = images_bchw.clamp(-1, 1);
  return images.size(0) == 1 ? images[0] : make_grid(images, columns);
}

/// What is written while the loop runs: previews, and the tensors of --trace.
class Watcher {
 public:
  Watcher(const Options& options, fs::path previews, int64_t columns)
      : options_(options), previews_(std::move(previews)), columns_(columns) {}

  void after_step(const SampleProgress& now) {
    if (!options_.trace.empty()) {
      trace_.set(concat("x.", now.index), now.step.prev_sample.to(at::kCPU).contiguous());
      trace_.set(concat("x0.", now.index), now.step.pred_original_sample.to(at::kCPU).contiguous());
    }
    const bool due = options_.preview_every > 0 &&
                     (now.index % options_.preview_every == 0 || now.index + 1 == now.total);
    if (due) preview(now);
  }

  /// @return the files written.
  std::vector<std::string> finish(const std::vector<double>& timesteps) {
    if (!options_.trace.empty()) {
      trace_.set("timesteps", at::tensor(timesteps, at::kFloat));
      write_safetensors(options_.trace, trace_);
      files_.push_back(options_.trace);
    }
    return files_;
  }

 private:
  void preview(const SampleProgress& now) {
    fs::create_directories(previews_);
    char name[32], step[64];
    std::snprintf(name, sizeof name, "step-%04zu.png", now.index);
    std::snprintf(step, sizeof step, " (step %zu, t = %g)", now.index, now.timestep);
    const auto picture = [&](const Tensor& x) { return tensor_to_image(grid_or_one(x, columns_)); };
    write_png(previews_ / name,
              preview_pair(picture(now.step.prev_sample), std::string("Current x") + step,
                           picture(now.step.pred_original_sample), "Predicted x0"));
    files_.push_back((previews_ / name).string());
  }

  const Options& options_;
  fs::path previews_;
  int64_t columns_;
  Weights trace_;
  std::vector<std::string> files_;
};

/// The network on these labels, a few pictures at a time.
Predict network(const Options& options, const Pipeline& pipeline, const Plan& plan,
                c10::Device device, const CancelToken& cancel) {
  if (plan.labels.empty()) return in_chunks(pipeline.predict(), options.batch, cancel);
  const Tensor labels = at::tensor(plan.labels, at::kLong).to(device);
  return in_chunks([&pipeline](const Tensor& labels_b) { return pipeline.predict(labels_b); },
                   labels, options.batch, cancel);
}

void refuse_nonsense(const Options& options) {
  const auto at_least = [](const char* option, int64_t value, int64_t least) {
    if (value < least) fail_usage(option, ": got ", value, ", wanted at least ", least);
  };
  at_least("-n", options.count, 0);
  at_least("--steps", options.steps, 0);
  at_least("--preview-every", options.preview_every, 0);
  at_least("--columns", options.columns, 0);
  at_least("--batch", options.batch, 1);
  if (!(options.eta >= 0 && options.eta <= 1))
    fail_usage("--eta: got ", options.eta, ", wanted 0 (DDIM) to 1 (as DDPM)");
}

void run(const Options& options, Context& context) {
  refuse_nonsense(options);
  const c10::Device device = prepare_device(context.global);
  const PictureOutput output(options.out);
  const Pipeline pipeline = load_pipeline(model_folder(options.model), {options.variant, device});
  for (const std::string& warning : pipeline.warnings) context.console.warn(warning);
  const Plan plan = make_plan(options, context.global, pipeline);
  const SchedulerPtr scheduler =
      pipeline.scheduler(options.scheduler, options.steps, {.eta = options.eta});
  const nlohmann::json recipe = recipe_of(options, context, pipeline, plan, scheduler);

  Watcher watcher(options, output.preview_folder(), plan.columns);
  Progress progress(context.console, "sampling", scheduler->timesteps().size());
  SampleOptions loop{.cancel = context.cancel, .on_step = [&](const SampleProgress& now) {
                       watcher.after_step(now);
                       progress.update(now.index + 1);
                     }};
  const Tensor images =
      sample(network(options, pipeline, plan, device, context.cancel), *scheduler,
             plan.noise.to(device), plan.source.drawing(plan.noise.sizes(), device), loop);
  progress.finish();
  const double seconds = progress.seconds();
  if (!images.isfinite().all().item<bool>())
    fail(
        "the pictures hold values that aren't finite: the model's weights or its scheduler's "
        "configuration are broken; see mezzotint info and mezzotint schedule");
  std::vector<std::string> files = output.write(images, plan.columns, recipe);
  const std::vector<std::string> extra = watcher.finish(scheduler->timesteps());
  files.insert(files.end(), extra.begin(), extra.end());
  if (context.global.json)
    print_json({{"schema", "mezzotint/sample/1"},
                {"files", files},
                {"seconds", seconds},
                {"recipe", recipe}});
  else
    context.console.say(concat("wrote ", files.front(), files.size() > 1 ? " and " : "",
                               files.size() > 1 ? std::to_string(files.size() - 1) + " more" : ""));
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("MODEL", options->model, "folder, starter model or hub id")->required();
  app.add_option("-o,--out", options->out, "FILE.png, FILE.safetensors or a folder")->required();
  app.add_option("-n,--count", options->count, "pictures; default 1, or one of each class");
  app.add_option("--steps", options->steps, "denoising steps; default DDPM: all, else 50");
  app.add_option("--scheduler", options->scheduler, "ddpm, ddim; default the model's own");
  app.add_option("--eta", options->eta, "DDIM: fresh noise per step, 0 to 1; default 0");
  app.add_option("--labels", options->labels, "classes, by number or name: 0*8,1*8");
  app.add_option("--seeds", options->seeds, "a seed for each picture: 0..7 or 3,1,4");
  app.add_option("--init-noise", options->init_noise,
                 ".safetensors with `noise`: unit variance, NCHW");
  app.add_option("--trace", options->trace,
                 "writes .safetensors with `timesteps`, `x.K` and `x0.K` after each step K");
  app.add_option("--preview-every", options->preview_every,
                 "writes the current x beside the predicted x0 every so many steps");
  app.add_option("--batch", options->batch,
                 "pictures in one network call; the result doesn't depend on it; default 16");
  app.add_option("--columns", options->columns, "pictures in a row of the grid");
  app.add_option("--height", options->height, "pixels; default the model's");
  app.add_option("--width", options->width, "pixels; default the model's");
  app.add_option("--variant", options->variant, "weight files to load: fp16, ema, ...");
  return [options](Context& context) { run(*options, context); };
}

const Registered<Verb> kSample("sample", {"make pictures", declare});

}  // namespace
}  // namespace mezzotint::cli
