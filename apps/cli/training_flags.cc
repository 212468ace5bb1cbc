#include "apps/cli/training_flags.h"

#include "mezzotint/io/utf8.h"
#include "mezzotint/models/unet_2d_config.h"
#include "mezzotint/schedulers/ddpm.h"
#include "mezzotint/training/config_file.h"
#include "mezzotint/training/presets.h"
#include "mezzotint/training/without_secrets.h"

#include "apps/cli/command_tree.h"
#include "apps/cli/config_flags.h"
#include "apps/cli/options.h"
#include "apps/cli/some_fields.h"

namespace mezzotint::cli {
namespace {

struct RecipeFlags : TrainConfig {  // --seed is every verb's
  void fields(auto& f) {
    Skip<std::remove_reference_t<decltype(f)>> some{f, {"seed"}};
    TrainConfig::fields(some);
  }
};

struct NetworkFlags : UNet2DConfig {  // what follows from the data and the schedule has no flag
  void fields(auto& f) {
    Skip<std::remove_reference_t<decltype(f)>> some{
        f, {"sample_size", "in_channels", "out_channels", "num_train_timesteps"}};
    UNet2DConfig::fields(some);
  }
};

struct AugmentationFlags {  // --augmentation-noise: "noise" alone would say too little
  AugmentationConfig augmentation;
  void fields(auto& f) { f("augmentation", augmentation); }
};

struct LoraFlags {  // --lora-rank
  LoraConfig lora;
  void fields(auto& f) { f("lora", lora); }
};

void add_run_flags(CLI::App& app, const TrainingFlags& flags, OptionNames names) {
  const bool course = names == OptionNames::kCourse;
  const auto run = [](CLI::Option* option) { return option->group(kRunGroup); };
  run(add_text(app, course ? "-o,--out,--model-save-name" : "-o,--out", *flags.folder,
               "folder of the run: new or empty", "DIR"))
      ->required();
  run(add_text_value(app, flags.top, course ? "--data,--dataset-name" : "--data", "data", kDataHelp,
                     "DATA"));
  offer(run(add_text_value(app, flags.top, "--split", "split", "train or test; default train",
                           "NAME")),
        {"train", "test"});
  offer_only(run(add_text_value(app, flags.top, "--on-damaged", "on_damaged",
                                "error, or skip damaged pictures; default error", "NAME")),
             {"error", "skip"});
  run(add_text(app, "--config", *flags.file,
               "a TOML file with any of these settings (docs/training.md)", "FILE"));
  run(app.add_flag("--dry-run", *flags.dry_run,
                   "say the plan and the forecast, and end before anything is written"));
  run(add_whole_number_value(app, flags.transform, "--image-size", {"height", "width"},
                             "height and width of the pictures; default the model's"));
  run(add_whole_number_value(app, flags.training, "--accum", {"grad_accumulation_steps"},
                             "short for --grad-accumulation-steps"));
  offer_schedulers(run(add_text_value(app, flags.training, "--scheduler", "sample_scheduler",
                                      "short for --sample-scheduler", "NAME")));
}

}  // namespace

CLI::Option* add_text_value(CLI::App& app, const TrainingFlags::Section& section,
                            const std::string& names, const char* key, const std::string& help,
                            const std::string& kind) {
  const auto put = [section, key](const std::string& text) { (*section)[key] = text; };
  return app.add_option_function<std::string>(names, put, help)->type_name(kind);
}

CLI::Option* add_whole_number_value(CLI::App& app, const TrainingFlags::Section& section,
                                    const std::string& names, const std::vector<std::string>& keys,
                                    const std::string& help) {
  const auto put = [section, keys](int64_t number) {
    for (const std::string& key : keys) (*section)[key] = number;
  };
  return add_whole_number(app, names, put, 1, help);
}

nlohmann::json TrainingFlags::values() const {
  nlohmann::json all = *top;
  const auto put = [&all](const char* name, const Section& section) {
    if (section && !section->empty()) all[name] = *section;
  };
  put("training", training);
  put("transform", transform);
  put("model", model);
  put("scheduler", scheduler);
  put("contrastive", contrastive);
  return all;
}

TrainingFlags add_training_flags(CLI::App& app, const RunConfig& defaults, OptionNames names) {
  TrainingFlags flags;
  add_run_flags(app, flags, names);
  add_flags(app, flags.training, RecipeFlags{defaults.training}, "Recipe");
  offer_schedulers(app.get_option("--sample-scheduler")->type_name("NAME"));
  add_flags(app, flags.transform, defaults.transform, "Pictures");
  add_flags(app, flags.top, LoraFlags{defaults.lora}, "Adapter (LoRA)");
  return flags;
}

void add_architecture_flags(CLI::App& app, TrainingFlags& flags, const RunConfig& defaults) {
  NetworkFlags network;
  from_json(network, defaults.model, "model");
  DDPMConfig schedule;
  from_json(schedule, defaults.scheduler, "scheduler");
  add_flags(app, flags.model, network, "Network");
  add_flags(app, flags.scheduler, schedule, "Noise schedule");
}

void add_recipe_flags(CLI::App& app, TrainingFlags& flags, const RunConfig& defaults) {
  add_flags(app, flags.contrastive, defaults.contrastive, "CLIP (--recipe clip)");
  add_flags(app, flags.top, AugmentationFlags{defaults.augmentation},
            "Augmentation (--recipe clip, classifier)");
}

void add_preset_option(CLI::App& app, std::string& preset, const std::string& help,
                       bool pretrained) {
  std::string text = help;
  std::vector<std::string> names;
  for (const std::string& name : Registry<Preset>::names()) {
    const Preset& known = Registry<Preset>::at("preset", name);
    if (pretrained && !known.for_pretrained) continue;
    names.push_back(name);
    text += "; " + name + ": " + known.summary;
  }
  offer(add_text(app, "--preset", preset, text, "NAME")->group(kRunGroup), names);
}

void take_utf8_only(CLI::App& app) {
  for (CLI::Option* option : app.get_options({})) {
    if (!takes_value(*option)) continue;
    const std::vector<std::string> names = names_of(*option);
    const std::string name = names.empty() ? option->get_name(true) : names.front();
    const auto check = [name](const std::string& value) {
      if (!is_utf8(value))
        fail_usage(name, ": got ", in_quotes(value),
                   ", which isn't UTF-8; the run's config.json can't hold it");
      return std::string();
    };
    option->check(check);
  }
}

void refuse_network_settings(RunConfig& config, const TrainingFlags& flags,
                             const std::string& where) {
  if (!config.pipeline.empty()) {  // the file is a run's config.json, which says what it was
    config.model = config.scheduler = nlohmann::json::object();
    config.transform.channels = TransformConfig().channels;
  }
  nlohmann::json network = config.model;
  network.erase("dropout");  // of training alone
  const char* settings = !network.empty()            ? "[model] (the network's settings)"
                         : !config.scheduler.empty() ? "[scheduler] (the noise schedule's)"
                         : flags.transform->contains("channels") ? "--channels"
                                                                 : nullptr;
  if (settings)
    fail_usage(where,
               ": the pretrained pipeline decides its network and noise schedule; leave out ",
               settings);
}

RunConfig resolved(RunConfig defaults, const TrainingFlags& flags, const Context& context) {
  if (!flags.file->empty()) overlay(defaults, read_config_file(*flags.file), *flags.file);
  overlay(defaults, flags.values(), "command line");
  if (context.global.seed_given) defaults.training.seed = context.global.seed;
  defaults.command_line = without_secrets(context.command_line);
  return defaults;
}

}  // namespace mezzotint::cli
