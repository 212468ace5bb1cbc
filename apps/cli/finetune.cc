#include "mezzotint/base/shell_quoted.h"
#include "mezzotint/training/starting_settings.h"

#include "apps/cli/model_folder.h"
#include "apps/cli/options.h"
#include "apps/cli/training_flags.h"
#include "apps/cli/training_session.h"

namespace mezzotint::cli {
namespace {

struct FinetuneRequest {
  TrainingFlags flags;
  std::string model;
  std::string preset;
  std::string wandb_project;
};

void run(Context& context, const FinetuneRequest& request) {
  prepare_training_device(context.global);
  if (!request.wandb_project.empty())
    context.console.warn(concat("--wandb-project: the run uploads nothing; import it by: python ",
                                "tools/wandb/import_run.py ", shell_quoted(*request.flags.folder),
                                " --project ", shell_quoted(request.wandb_project)));
  RunConfig config = resolved(finetune_settings(request.preset), request.flags, context);
  refuse_network_settings(config, request.flags, "finetune " + request.model);
  config.init = model_folder(request.model).string();
  if (*request.flags.dry_run) return say_plan(context, config);
  const std::filesystem::path folder = *request.flags.folder;
  report(context, folder, watched(context, "fine-tuning", folder, [&](const RunHooks& hooks) {
           return start_run(config, folder, hooks);
         }));
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto request = std::make_shared<FinetuneRequest>();
  request->flags = add_training_flags(app, finetune_settings(), OptionNames::kCourse);
  add_text(app, "MODEL,--start-model", request->model,
           concat("the pretrained pipeline: ", kModelHelp), "MODEL")
      ->group(kRunGroup)
      ->required();
  add_preset_option(app, request->preset, "what the settings start from; default the course's",
                    /*pretrained=*/true);
  app.add_option_function<double>(
         "--dropout", [model = request->flags.model](double share) { (*model)["dropout"] = share; },
         "share of the values that residual blocks drop while training; default the model's")
      ->type_name("NUMBER")
      ->group("Recipe");
  add_text(app, "--wandb-project", request->wandb_project,
           "of the course's script: says how to import the run into it")
      ->group(kRunGroup);
  take_utf8_only(app);
  return [request](Context& context) { run(context, *request); };
}

const Registered<Verb> kFinetune("finetune", {"adapt a pretrained pipeline to pictures", declare});

}  // namespace
}  // namespace mezzotint::cli
