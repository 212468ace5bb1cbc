#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/training/run_config.h"

#include "apps/cli/subcommand.h"

namespace mezzotint::cli {

/// What a verb that trains is given on the command line: a JSON object for each section of
/// RunConfig, filled while the command line is parsed.
struct TrainingFlags {
  using Section = std::shared_ptr<nlohmann::json>;
  Section top, training, transform, model, scheduler;
  std::shared_ptr<std::string> folder = std::make_shared<std::string>();  ///< -o
  std::shared_ptr<std::string> file = std::make_shared<std::string>();    ///< --config

  nlohmann::json values() const;  ///< all sections, for overlay()
};

/// Declares -o, --data, --config and a flag for every field of the recipe and of the transform.
/// @param defaults what --help shows.
TrainingFlags add_training_flags(CLI::App& app, const RunConfig& defaults);

/// Declares a flag for every field of the network and of its noise schedule.
void add_architecture_flags(CLI::App& app, TrainingFlags& flags);

/// A flag whose value goes into one key of a section.
template <class T>
void add_value(CLI::App& app, const TrainingFlags::Section& section, const std::string& names,
               const char* key, const std::string& help, const std::string& group) {
  app.add_option_function<T>(
         names, [section, key](const T& value) { (*section)[key] = value; }, help)
      ->group(group);
}

/// The defaults, then the file, then the command line.
RunConfig resolved(RunConfig defaults, const TrainingFlags& flags, const Context& context);

}  // namespace mezzotint::cli
