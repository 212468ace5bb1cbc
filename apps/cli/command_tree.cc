#include "apps/cli/command_tree.h"

#include <algorithm>

namespace mezzotint::cli {

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : verbs_of(app)) names.push_back(verb->get_name());
  return names;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

bool repeats(const CLI::Option& option) { return option.get_items_expected_max() > 1; }

const CLI::App* verb_above(const CLI::App& app) {
  const CLI::App* above = app.get_parent();
  return above && above->get_parent() ? above : nullptr;
}

const CLI::Option* find_option(const CLI::App& app, const std::string& name) {
  for (const CLI::App* at = &app; at; at = verb_above(*at))
    for (const CLI::Option* option : options_of(*at))
      if (std::ranges::count(names_of(*option), name) > 0) return option;
  return nullptr;
}

std::vector<std::string> known_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at; at = verb_above(*at))
    for (const CLI::Option* option : options_of(*at))
      for (const std::string& name : names_of(*option))
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

std::string path_of(const CLI::App& app) {
  if (!app.get_parent()) return "";
  const std::string above = path_of(*app.get_parent());
  return above.empty() ? app.get_name() : above + " " + app.get_name();
}

const CLI::App& root_of(const CLI::App& app) {
  return app.get_parent() ? root_of(*app.get_parent()) : app;
}

}  // namespace mezzotint::cli
