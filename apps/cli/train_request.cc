#include "apps/cli/train_request.h"

#include "mezzotint/training/config_file.h"
#include "mezzotint/training/prepared_run.h"
#include "mezzotint/training/starting_settings.h"

#include "apps/cli/model_folder.h"
#include "apps/cli/options.h"

namespace mezzotint::cli {
namespace {

std::string preset_help() {
  return concat("what the settings start from; default ", preset_of_recipe("diffusion"),
                ", whose values are the defaults below, or ", preset_of_recipe("clip"), " or ",
                preset_of_recipe("classifier"), " with these recipes");
}

std::string recipe_help() {
  std::string help = "what is trained; default diffusion";
  for (const std::string& name : Registry<Recipe>::names())
    help += "; " + name + ": " + Registry<Recipe>::at("recipe", name).summary;
  return help;
}

}  // namespace

RunConfig train_config(const TrainRequest& request, const Context& context,
                       const nlohmann::json& more) {
  const std::string& file = *request.flags.file;
  const bool pretrained = request.flags.top->contains("init") ||
                          (!file.empty() && read_config_file(file).value("init", "") != "");
  const std::string preset =
      request.preset.empty() ? preset_of_recipe(request.recipe) : request.preset;
  RunConfig config = train_settings(preset, pretrained);
  if (request.recipe_given && config.recipe != request.recipe)
    fail_usage("--preset ", preset, " is of recipe ", config.recipe, ", not of ", request.recipe);
  config = resolved(config, request.flags, context);
  overlay(config, more, "--grid");
  if (config.init.empty()) return config;
  refuse_network_settings(config, request.flags, "--init " + config.init);
  config.init = model_folder(config.init).string();
  return config;
}

std::shared_ptr<TrainRequest> add_train_options(CLI::App& app) {
  const auto request = std::make_shared<TrainRequest>();
  const RunConfig defaults = train_settings(preset_of_recipe("diffusion"), false);
  request->flags = add_training_flags(app, defaults);
  add_architecture_flags(app, request->flags, defaults);
  add_recipe_flags(app, request->flags, defaults);
  const auto run_group = [](CLI::Option* option) { return option->group(kRunGroup); };
  add_preset_option(app, request->preset, preset_help(), /*pretrained=*/false);
  const auto set_recipe = [request](const std::string& name) {
    request->recipe = name;
    request->recipe_given = true;
  };
  offer_only(run_group(app.add_option_function<std::string>("--recipe", set_recipe, recipe_help())
                           ->type_name("NAME")),
             Registry<Recipe>::names());
  run_group(add_text_value(app, request->flags.top, "--init", "init",
                           concat("pretrained pipeline to start from: ", kModelHelp), "MODEL"));
  app.add_flag_function(
         "--class-conditional,!--no-class-conditional",
         [top = request->flags.top](int64_t count) { (*top)["class_conditional"] = count > 0; },
         "learn the data's classes, as extra input planes")
      ->group(kRunGroup);
  run_group(add_whole_number_value(app, request->flags.top, "--class-emb-size", {"class_emb_size"},
                                   "planes of a class; default 4"));
  take_utf8_only(app);
  return request;
}

}  // namespace mezzotint::cli
