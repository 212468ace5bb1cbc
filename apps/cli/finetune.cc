#include "apps/cli/model_folder.h"
#include "apps/cli/training_flags.h"
#include "apps/cli/training_session.h"

namespace mezzotint::cli {
namespace {

constexpr const char* kCourseGroup = "Names of the course's script";

struct FinetuneRequest {
  TrainingFlags flags;
  std::string model;
  std::string wandb_project;
};

/// The course's fine-tuning loop: AdamW, lr 1e-5, 2 epochs, batch 4, 2 micro-batches an update.
RunConfig course_defaults() {
  RunConfig config;
  config.training.lr = 1e-5;
  config.training.num_epochs = 2;
  config.training.batch_size = 4;
  config.training.grad_accumulation_steps = 2;
  return config;
}

void run(Context& context, const FinetuneRequest& request) {
  prepare_training_device(context);
  if (request.model.empty())
    fail_usage("finetune: no model; give the folder or name of a pretrained pipeline");
  if (!request.wandb_project.empty())
    context.console.warn("--wandb-project: nothing is uploaded; the curves are in the run folder");
  RunConfig config = resolved(course_defaults(), request.flags, context);
  if (!config.model.empty() || !config.scheduler.empty())
    fail_usage(
        "finetune: the pretrained pipeline has its network and noise schedule; leave out [model] "
        "and "
        "[scheduler]");
  config.init = model_folder(request.model).string();
  const std::filesystem::path folder = *request.flags.folder;
  report(context, folder, start_run(config, folder, watched(context, "fine-tuning", folder)));
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto request = std::make_shared<FinetuneRequest>();
  request->flags = add_training_flags(app, course_defaults());
  app.add_option("model", request->model,
                 "pretrained pipeline: a folder, a starter model's name, or a hub id")
      ->type_name("MODEL");
  app.add_option("--start-model", request->model, "the same as MODEL")->group(kCourseGroup);
  add_value<std::string>(app, request->flags.top, "--dataset-name", "data", "the same as --data",
                         kCourseGroup);
  app.add_option("--model-save-name", *request->flags.folder, "the same as -o")
      ->group(kCourseGroup);
  app.add_option("--wandb-project", request->wandb_project, "accepted, without effect")
      ->group(kCourseGroup);
  return [request](Context& context) { run(context, *request); };
}

const Registered<Verb> kFinetune("finetune", {"adapt a pretrained pipeline to pictures", declare});

}  // namespace
}  // namespace mezzotint::cli
