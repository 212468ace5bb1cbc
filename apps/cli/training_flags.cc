#include "apps/cli/training_flags.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "mezzotint/models/unet_2d_config.h"
#include "mezzotint/schedulers/ddpm.h"
#include "mezzotint/training/config_file.h"

#include "apps/cli/config_flags.h"

namespace mezzotint::cli {
namespace {

constexpr const char* kRunGroup = "Run";

/// Passes fields on, but for some.
template <class Visitor>
struct Skip {
  Visitor& visitor;
  std::initializer_list<std::string_view> skipped;
  void operator()(const char* name, auto& value, std::string_view help = {},
                  std::initializer_list<const char*> choices = {}) {
    if (std::ranges::find(skipped, name) == skipped.end()) visitor(name, value, help, choices);
  }
};

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

void add_run_flags(CLI::App& app, const TrainingFlags& flags) {
  app.add_option("-o,--out", *flags.folder, "folder of the run: new or empty")
      ->group(kRunGroup)
      ->type_name("DIR");
  add_value<std::string>(app, flags.top, "--data", "data",
                         "a folder of pictures, idx files, or a known name", kRunGroup);
  add_value<std::string>(app, flags.top, "--split", "split",
                         "which part of the data; default train", kRunGroup);
  add_value<std::string>(app, flags.top, "--on-damaged", "on_damaged",
                         "error, or skip damaged pictures; default error", kRunGroup);
  app.add_option("--config", *flags.file,
                 "a TOML file with any of these settings (docs/training.md)")
      ->group(kRunGroup)
      ->type_name("FILE");
  app.add_option_function<int64_t>(
         "--image-size",
         [transform = flags.transform](int64_t size) {
           (*transform)["height"] = (*transform)["width"] = size;
         },
         "height and width of the pictures")
      ->group(kRunGroup);
  add_value<int64_t>(app, flags.training, "--accum", "grad_accumulation_steps",
                     "short for --grad-accumulation-steps", kRunGroup);
  add_value<std::string>(app, flags.training, "--scheduler", "sample_scheduler",
                         "short for --sample-scheduler", kRunGroup);
}

}  // namespace

nlohmann::json TrainingFlags::values() const {
  nlohmann::json all = *top;
  const auto put = [&all](const char* name, const Section& section) {
    if (section && !section->empty()) all[name] = *section;
  };
  put("training", training);
  put("transform", transform);
  put("model", model);
  put("scheduler", scheduler);
  return all;
}

TrainingFlags add_training_flags(CLI::App& app, const RunConfig& defaults) {
  TrainingFlags flags;
  flags.top = std::make_shared<nlohmann::json>(nlohmann::json::object());
  flags.training = add_flags(app, RecipeFlags{defaults.training}, "Recipe");
  flags.transform = add_flags(app, defaults.transform, "Pictures");
  add_run_flags(app, flags);
  return flags;
}

void add_architecture_flags(CLI::App& app, TrainingFlags& flags) {
  flags.model = add_flags(app, NetworkFlags{}, "Network");
  flags.scheduler = add_flags(app, DDPMConfig{}, "Noise schedule");
}

RunConfig resolved(RunConfig defaults, const TrainingFlags& flags, const Context& context) {
  if (!flags.file->empty()) overlay(defaults, read_config_file(*flags.file), *flags.file);
  overlay(defaults, flags.values(), "command line");
  if (context.global.seed_given) defaults.training.seed = context.global.seed;
  defaults.command_line = context.command_line;
  return defaults;
}

}  // namespace mezzotint::cli
