#include "apps/cli/sampling.h"

#include <algorithm>
#include <filesystem>

#include <ATen/ops/full_like.h>
#include <ATen/ops/tensor.h>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/version.h"
#include "mezzotint/guidance/classifier_free.h"
#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/pipelines/sampler.h"

#include "apps/cli/device.h"
#include "apps/cli/lora_option.h"
#include "apps/cli/model_folder.h"
#include "apps/cli/model_hash.h"
#include "apps/cli/picture_output.h"
#include "apps/cli/progress.h"
#include "apps/cli/recipe.h"
#include "apps/cli/sample_watcher.h"

namespace mezzotint::cli {
namespace {

nlohmann::json recipe_of(const SampleRequest& request, const Context& context,
                         const Pipeline& pipeline, const SamplePlan& plan,
                         const SchedulerPtr& scheduler, const nlohmann::json& loras) {
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
  if (request.guidance_scale != 1) recipe["guidance_scale"] = request.guidance_scale;
  if (!loras.empty()) recipe["loras"] = loras;
  return recipe;
}

int64_t steps_of(const SampleRequest& request, const Pipeline& pipeline) {
  if (request.steps > 0 || request.most_default_steps == 0) return request.steps;
  return std::min(request.most_default_steps, pipeline.default_steps(request.scheduler));
}

SchedulerPtr scheduler_of(const SampleRequest& request, const Pipeline& pipeline) {
  SchedulerPtr scheduler =
      pipeline.scheduler(request.scheduler, steps_of(request, pipeline), {.eta = request.eta});
  const std::string name = scheduler->config().at("_class_name");
  if (request.eta > 0 && name != "DDIMScheduler")
    fail_usage("--eta: ", name, " takes none; give --scheduler ddim");
  return scheduler;
}

int64_t null_label(const SampleRequest& request, const Pipeline& pipeline) {
  return request.null_label >= 0 ? request.null_label : pipeline.null_label();
}

/// The network on pictures first, first + 1, ... of the plan, with their labels.
Predict network(const SampleRequest& request, const Pipeline& pipeline, const Tensor& labels,
                int64_t first, int64_t count) {
  if (!labels.defined()) return pipeline.predict();
  const Tensor labels_b = labels.narrow(0, first, count);
  const Predict conditional = pipeline.predict(labels_b);
  if (request.guidance_scale == 1) return conditional;
  const Tensor no_class = at::full_like(labels_b, null_label(request, pipeline));
  return classifier_free(conditional, pipeline.predict(no_class), request.guidance_scale);
}

/// Latents and multispectral data are saved as tensors; that PNG can't hold them is said before the
/// work.
void check_drawable(const SampleRequest& request, const PictureOutput& output, int64_t channels) {
  if (channels == 1 || channels == 3) return;
  const std::string what = concat("the model makes ", channels, " channels, a picture has 1 or 3");
  if (output.makes_pictures())
    fail_usage("-o ", request.out, ": ", what, "; give -o FILE.safetensors");
  if (request.preview_every > 0) fail_usage("--preview-every: ", what);
  if (!request.animate.empty()) fail_usage("--animate: ", what);
}

void report(const Context& context, const std::string& verb, const std::vector<std::string>& files,
            double seconds, const nlohmann::json& recipe) {
  if (context.global.json)
    return print_json({{"schema", concat("mezzotint/", verb, "/1")},
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

/// Classifier-free guidance takes a label that stands for no class.
void check_guidance_scale(const SampleRequest& request, const Pipeline& pipeline) {
  if (request.guidance_scale == 1) return;
  const int64_t classes = pipeline.class_count();
  if (classes == 0) fail_usage("--guidance-scale: this model has no classes");
  if (null_label(request, pipeline) < 0)
    fail_usage(
        "--guidance-scale: this model has learned no label for no class (label_dropout); if one "
        "of its classes means that, give --null-label");
  if (request.null_label >= classes && request.null_label != pipeline.null_label())
    fail_usage("--null-label: got ", request.null_label, ", wanted 0 to ", classes - 1);
}

}  // namespace

void run_sampling(const SampleRequest& request, Context& context, const Sampling& sampling) {
  check(request);
  const c10::Device device = prepare_device(context.global);
  const PictureOutput output(request.out);
  if (!request.trace.empty()) make_place_for(request.trace, "--trace");
  if (!request.animate.empty()) make_place_for(request.animate, "--animate");
  const Pipeline pipeline = load_pipeline(model_folder(request.model), {request.variant, device});
  for (const std::string& warning : pipeline.warnings) context.console.warn(warning);
  check_drawable(request, output, pipeline.image_channels());
  check_guidance_scale(request, pipeline);
  const nlohmann::json loras = merge_loras(pipeline, request.loras);
  const SchedulerPtr scheduler = scheduler_of(request, pipeline);
  const SamplePlan plan = make_plan(request, context.global, pipeline);
  const Tensor labels =
      plan.labels.empty() ? Tensor() : at::tensor(plan.labels, at::kLong).to(device);
  const PredictFor predict_for = [&](int64_t first, int64_t count) {
    return network(request, pipeline, labels, first, count);
  };
  nlohmann::json recipe = recipe_of(request, context, pipeline, plan, scheduler, loras);
  recipe.update(sampling.recipe);
  const Steer steer =
      sampling.steer({request, context, pipeline, plan, *scheduler, device, predict_for});
  warn_of_large_trace(request, plan, scheduler->timesteps().size(), context.console);

  SampleWatcher watcher({request.trace, request.preview_every, output.preview_folder(),
                         plan.columns, request.animate, request.animate_every,
                         recipe_text(recipe)});
  Progress progress(context.console, sampling.label, scheduler->timesteps().size());
  const SampleOptions loop{.cancel = context.cancel, .on_step = [&](const SampleProgress& now) {
                             watcher.after_step(now);
                             progress.update(now.index + 1,
                                             sampling.note ? sampling.note() : std::string());
                           }};
  const Tensor images = sample(steer, *scheduler, plan.noise.to(device),
                               plan.source.drawing(plan.noise.sizes(), device), loop);
  progress.finish();
  const double seconds = progress.seconds();
  if (!images.isfinite().all().item<bool>()) fail(sampling.when_not_finite);
  std::vector<std::string> files = output.write(images, plan.columns, recipe);
  for (const std::string& name : output.left_over(plan.noise.size(0)))
    context.console.warn(name + " is from an earlier run");
  const auto also_wrote = [&files](const std::vector<std::string>& more) {
    files.insert(files.end(), more.begin(), more.end());
  };
  also_wrote(watcher.finish(scheduler->timesteps()));
  if (sampling.finish) also_wrote(sampling.finish());
  report(context, sampling.verb, files, seconds, recipe);
}

}  // namespace mezzotint::cli
