// `mezzotint sample MODEL -o OUT`: makes pictures.
#include <filesystem>

#include <ATen/ops/tensor.h>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/base/version.h"
#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/pipelines/sampler.h"

#include "apps/cli/device.h"
#include "apps/cli/model_folder.h"
#include "apps/cli/model_hash.h"
#include "apps/cli/picture_output.h"
#include "apps/cli/progress.h"
#include "apps/cli/sample_plan.h"
#include "apps/cli/sample_request.h"
#include "apps/cli/sample_watcher.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {
namespace {

nlohmann::json recipe_of(const SampleRequest& request, const Context& context,
                         const Pipeline& pipeline, const SamplePlan& plan,
                         const SchedulerPtr& scheduler) {
  nlohmann::json recipe = {{"schema", "mezzotint/recipe/1"},
                           {"version", version()},
                           {"command", context.command_line},
                           {"model", request.model},
                           {"model_sha256", model_sha256(pipeline.path, request.variant)},
                           {"scheduler", scheduler->config().at("_class_name")},
                           {"steps", scheduler->timesteps().size()},
                           {"eta", request.eta},
                           {"images", plan.noise.size(0)},
                           {"height", plan.noise.size(2)},
                           {"width", plan.noise.size(3)},
                           {"device", context.global.device},
                           {"engine", context.global.engine}};
  if (plan.seeds.empty())
    recipe["seed"] = context.global.seed;
  else
    recipe["seeds"] = plan.seeds;
  if (!plan.labels.empty()) recipe["labels"] = plan.labels;
  if (!request.init_noise.empty()) recipe["init_noise"] = request.init_noise;
  if (!request.variant.empty()) recipe["variant"] = request.variant;
  return recipe;
}

SchedulerPtr scheduler_of(const SampleRequest& request, const Pipeline& pipeline) {
  SchedulerPtr scheduler =
      pipeline.scheduler(request.scheduler, request.steps, {.eta = request.eta});
  const std::string name = scheduler->config().at("_class_name");
  if (request.eta > 0 && name != "DDIMScheduler")
    fail_usage("--eta: ", name, " takes none; give --scheduler ddim");
  return scheduler;
}

/// The network on these labels, a few pictures at a time.
Predict network(const SampleRequest& request, const Pipeline& pipeline, const SamplePlan& plan,
                c10::Device device, const CancelToken& cancel) {
  if (plan.labels.empty()) return in_chunks(pipeline.predict(), request.batch, cancel);
  const Tensor labels = at::tensor(plan.labels, at::kLong).to(device);
  return in_chunks([&pipeline](const Tensor& labels_b) { return pipeline.predict(labels_b); },
                   labels, request.batch, cancel);
}

/// Latents and multispectral data are saved as tensors; that PNG can't hold them is said before the
/// work.
void check_drawable(const SampleRequest& request, const PictureOutput& output, int64_t channels) {
  if (channels == 1 || channels == 3) return;
  const std::string what = concat("the model makes ", channels, " channels, a picture has 1 or 3");
  if (output.makes_pictures())
    fail_usage("-o ", request.out, ": ", what, "; give -o FILE.safetensors");
  if (request.preview_every > 0) fail_usage("--preview-every: ", what);
}

void report(const Context& context, const std::vector<std::string>& files, double seconds,
            const nlohmann::json& recipe) {
  if (context.global.json)
    return print_json({{"schema", "mezzotint/sample/1"},
                       {"files", files},
                       {"seconds", seconds},
                       {"seconds_per_step", seconds / recipe.at("steps").get<double>()},
                       {"recipe", recipe}});
  context.console.say(
      concat("wrote ", files.front(),
             files.size() > 1 ? concat(" and ", files.size() - 1, " more") : std::string()));
}

void warn_of_large_trace(const SampleRequest& request, const SamplePlan& plan, size_t steps,
                         const Console& console) {
  constexpr double kMuch = 2e9;
  const double bytes = SampleWatcher::trace_bytes(plan.noise.sizes(), steps);
  if (!request.trace.empty() && bytes > kMuch)
    console.warn(concat("--trace keeps ", static_cast<int64_t>(bytes / 1e6),
                        " MB in memory until the end; fewer --steps or pictures take less"));
}

void run(const SampleRequest& request, Context& context) {
  check(request);
  const c10::Device device = prepare_device(context.global);
  const PictureOutput output(request.out);
  if (!request.trace.empty()) make_place_for(request.trace, "--trace");
  const Pipeline pipeline = load_pipeline(model_folder(request.model), {request.variant, device});
  for (const std::string& warning : pipeline.warnings) context.console.warn(warning);
  check_drawable(request, output, pipeline.image_channels());
  const SchedulerPtr scheduler = scheduler_of(request, pipeline);
  const SamplePlan plan = make_plan(request, context.global, pipeline);
  const nlohmann::json recipe = recipe_of(request, context, pipeline, plan, scheduler);
  warn_of_large_trace(request, plan, scheduler->timesteps().size(), context.console);

  SampleWatcher watcher(
      {request.trace, request.preview_every, output.preview_folder(), plan.columns});
  Progress progress(context.console, "sampling", scheduler->timesteps().size());
  const SampleOptions loop{.cancel = context.cancel, .on_step = [&](const SampleProgress& now) {
                             watcher.after_step(now);
                             progress.update(now.index + 1);
                           }};
  const Tensor images =
      sample(network(request, pipeline, plan, device, context.cancel), *scheduler,
             plan.noise.to(device), plan.source.drawing(plan.noise.sizes(), device), loop);
  progress.finish();
  const double seconds = progress.seconds();
  if (!images.isfinite().all().item<bool>())
    fail(
        "the pictures hold values that aren't finite: the model's weights or its scheduler's "
        "configuration are broken; see mezzotint info and mezzotint schedule");
  std::vector<std::string> files = output.write(images, plan.columns, recipe);
  for (const std::string& name : output.left_over(plan.noise.size(0)))
    context.console.warn(name + " is from an earlier run");
  const std::vector<std::string> extra = watcher.finish(scheduler->timesteps());
  files.insert(files.end(), extra.begin(), extra.end());
  report(context, files, seconds, recipe);
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto request = std::make_shared<SampleRequest>();
  add_sample_options(app, *request);
  return [request](Context& context) { run(*request, context); };
}

const Registered<Verb> kSample("sample", {"make pictures", declare});

}  // namespace
}  // namespace mezzotint::cli
