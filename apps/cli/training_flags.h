#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/training/run_config.h"

#include "apps/cli/subcommand.h"

namespace mezzotint::cli {

constexpr const char* kRunGroup = "Run";

/// What a verb that trains is given on the command line: a JSON object for each section of
/// RunConfig, filled while the command line is parsed.
struct TrainingFlags {
  using Section = std::shared_ptr<nlohmann::json>;
  static Section section() { return std::make_shared<nlohmann::json>(nlohmann::json::object()); }
  Section top = section(), training = section(), transform = section(), model = section(),
          scheduler = section(), contrastive = section();
  std::shared_ptr<std::string> folder = std::make_shared<std::string>();  ///< -o
  std::shared_ptr<std::string> file = std::make_shared<std::string>();    ///< --config
  std::shared_ptr<bool> dry_run = std::make_shared<bool>(false);

  nlohmann::json values() const;  ///< all sections, for overlay()
};

/// Declares -o, --data, --config and so on (in the group kRunGroup), and a flag for every field of
/// the recipe and of the transform.
/// @param defaults what --help shows.
/// @param names kCourse: --model-save-name is -o and --dataset-name is --data, as in the course's
/// script.
enum class OptionNames { kOurs, kCourse };
TrainingFlags add_training_flags(CLI::App& app, const RunConfig& defaults,
                                 OptionNames names = OptionNames::kOurs);

/// Declares a flag for every field of the network and of its noise schedule.
void add_architecture_flags(CLI::App& app, TrainingFlags& flags, const RunConfig& defaults);

/// Declares a flag for every field of what the recipes clip and classifier have for themselves.
void add_recipe_flags(CLI::App& app, TrainingFlags& flags, const RunConfig& defaults);

/// Options whose value goes into one key of a section; `kind` as in options.h.
CLI::Option* add_text_value(CLI::App& app, const TrainingFlags::Section& section,
                            const std::string& names, const char* key, const std::string& help,
                            const std::string& kind = "TEXT");
CLI::Option* add_whole_number_value(CLI::App& app, const TrainingFlags::Section& section,
                                    const std::string& names, const std::vector<std::string>& keys,
                                    const std::string& help);

/// Declares --preset. @param preset gets the name. @param help what it is for, to be followed by
/// the presets and their summaries. @param pretrained offers those that go on from a model only.
void add_preset_option(CLI::App& app, std::string& preset, const std::string& help,
                       bool pretrained);

/// Refuses values of all options so far, names of files among them, that aren't UTF-8: a run keeps
/// them in its config.json, which has to be.
void take_utf8_only(CLI::App& app);

/// Takes out what a run's own config.json says of its pretrained network. @throws Error (kUsage)
/// for settings that such a network brings along, which start with `where` in the message.
void refuse_network_settings(RunConfig& config, const TrainingFlags& flags,
                             const std::string& where);

/// The defaults, then the file, then the command line.
RunConfig resolved(RunConfig defaults, const TrainingFlags& flags, const Context& context);

}  // namespace mezzotint::cli
