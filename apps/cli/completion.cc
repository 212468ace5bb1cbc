// `mezzotint completion SHELL`: a completion script, made from the verbs and options as declared.
#include "apps/cli/completion.h"

#include <map>

#include "mezzotint/base/registry.h"
#include "mezzotint/data/dataset_kind.h"

#include "apps/cli/command_tree.h"
#include "apps/cli/model_folder.h"
#include "apps/cli/options.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {
namespace {

using Script = std::string (*)(const std::vector<CompletableVerb>&);
const std::map<std::string, Script> kShells = {
    {"bash", bash_completion}, {"fish", fish_completion}, {"zsh", zsh_completion}};

std::vector<std::string> shell_names() {
  std::vector<std::string> names;
  for (const auto& [name, script] : kShells) names.push_back(name);
  return names;
}

Completable value_of(const CLI::Option& option) {
  using Paths = Completable::Paths;
  const std::string kind = kind_of(option);
  if (kind == "MODEL") return {starter_models(), Paths::kFiles};
  if (kind == "DATA") return {Registry<KnownDataset>::names(), Paths::kFiles};
  if (kind == "FILE" || kind == "OUT") return {offered(option), Paths::kFiles};
  if (kind == "DIR") return {offered(option), Paths::kFolders};
  return {offered(option), Paths::kNone};
}

CompletableOption completable(const CLI::Option& option) {
  return {names_of(option), option.get_description(), takes_value(option),
          kind_of(option),  value_of(option),         repeats(option)};
}

void collect(const CLI::App& app, std::vector<CompletableVerb>& verbs) {
  CompletableVerb verb{.path = path_of(app)};
  for (const CLI::App* below : verbs_of(app))
    verb.verbs.push_back({below->get_name(), below->get_description()});
  for (const std::string& name : known_names(app)) {
    CompletableOption option = completable(*find_option(app, name));
    if (option.names.front() == name) verb.options.push_back(std::move(option));
  }
  for (const CLI::Option* argument : positionals_of(app))
    verb.arguments.push_back(completable(*argument));
  verbs.push_back(std::move(verb));
  for (const CLI::App* below : verbs_of(app)) collect(*below, verbs);
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto shell = std::make_shared<std::string>();
  offer_only(add_text(app, "SHELL", *shell, joined(shell_names()))->required(), shell_names());
  return [shell, &app](Context&) {
    print("%s", kShells.at(*shell)(completable_verbs(root_of(app))).c_str());
  };
}

const Registered<Verb> kCompletion("completion",
                                   {"a script that completes verbs, options and values in a shell",
                                    declare});

}  // namespace

std::vector<CompletableVerb> completable_verbs(const CLI::App& root) {
  std::vector<CompletableVerb> verbs;
  collect(root, verbs);
  return verbs;
}

std::string single_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace mezzotint::cli
