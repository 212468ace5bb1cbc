// `mezzotint guide MODEL -o OUT --loss ...`: makes pictures, steered by losses.
#include "mezzotint/base/registry.h"
#include "mezzotint/guidance/make_term.h"
#include "mezzotint/pipelines/classifier_folder.h"
#include "mezzotint/pipelines/joint_embedding.h"
#include "mezzotint/pipelines/reference_picture.h"

#include "apps/cli/guidance_trace.h"
#include "apps/cli/guide_request.h"
#include "apps/cli/model_folder.h"
#include "apps/cli/picture_output.h"
#include "apps/cli/sampling.h"

namespace mezzotint::cli {
namespace {

LossResources resources_of(const GuideRequest& request, const SamplingParts& parts) {
  LossResources resources;
  resources.channels = parts.pipeline.image_channels();
  resources.height = parts.plan.noise.size(2);
  resources.width = parts.plan.noise.size(3);
  resources.device = parts.device;
  resources.seed = parts.context.global.seed;
  resources.seeds = parts.plan.seeds;
  resources.picture = read_reference_picture;
  resources.clip = [&request, device = parts.device](const std::string& model) {
    const std::string& named = model.empty() ? request.clip : model;
    return load_joint_embedding(model_folder(named), {.device = device});
  };
  resources.classifier = [device = parts.device](const std::string& model) {
    return as_loss_resource(load_classifier(model_folder(model), device));
  };
  return resources;
}

Guidance guidance_of(const GuideRequest& request, const SamplingParts& parts) {
  Guidance guidance;
  const LossResources resources = resources_of(request, parts);
  for (const std::string& loss : request.all_losses())
    guidance.terms.push_back(make_term(loss, resources, {request.schedule, request.index}));
  guidance.methods = parse_methods(request.method, "--method");
  guidance.max_rms = request.grad_clip;
  guidance.rms = request.grad_rms;
  return guidance;
}

void run(const GuideRequest& request, Context& context) {
  check(request);
  for (const std::string& file : request.traces) make_place_for(file, "--guidance-trace");
  GuidanceTrace trace;
  Sampling sampling{.verb = "guide", .label = "guiding"};
  sampling.steer = [&](const SamplingParts& parts) {
    parts.pipeline.unet->set_gradient_checkpointing(request.gradient_checkpointing);
    GuidedOptions options{.predict_for = parts.predict_for, .chunk = parts.request.batch};
    options.cancel = parts.context.cancel;
    options.on_step = [&trace](const GuidedStep& step) { trace.add(step); };
    return guided(parts.scheduler, guidance_of(request, parts), std::move(options));
  };
  sampling.recipe = {{"losses", request.all_losses()},        {"method", request.method},
                     {"guidance_schedule", request.schedule}, {"guidance_index", request.index},
                     {"grad_clip", request.grad_clip},        {"grad_rms", request.grad_rms}};
  sampling.note = [&trace] { return trace.note(); };
  sampling.finish = [&] {
    for (const std::string& file : request.traces) trace.write(file);
    return request.traces;
  };
  sampling.when_not_finite =
      "the pictures hold values that aren't finite: guidance was too strong for this model; try a "
      "smaller scale, or --grad-clip 1";
  run_sampling(request.sample, context, sampling);
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto request = std::make_shared<GuideRequest>();
  // A move in each of a thousand steps is more than a picture stands.
  request->sample.most_default_steps = 100;
  add_sample_options(app, request->sample);
  add_guide_options(app, *request);
  app.footer(losses_in_words);
  return [request](Context& context) { run(*request, context); };
}

const Registered<Verb> kGuide("guide", {"make pictures, steered by losses", declare});

}  // namespace
}  // namespace mezzotint::cli
