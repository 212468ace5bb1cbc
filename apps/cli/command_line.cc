#include "apps/cli/command_line.h"

#include <algorithm>
#include <cctype>

#include "mezzotint/base/suggest.h"

namespace mezzotint::cli {
namespace {

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// Long names ("--steps") of all options of `app` and, with `deep`, of its verbs.
void collect_names(const CLI::App& app, bool deep, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_fnames()) names.push_back("--" + name);
  if (!deep) return;
  for (const CLI::App* verb : verbs_of(app)) collect_names(*verb, true, names);
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// The innermost verb that was recognised.
const CLI::App& chosen(const CLI::App& app) {
  const std::vector<CLI::App*> parsed = app.get_subcommands();
  return parsed.empty() ? app : chosen(*parsed.front());
}

/// CLI11's own message, its first line, starting small as our messages do.
std::string first_line(std::string text) {
  text = text.substr(0, text.find('\n'));
  const auto upper = [&](size_t i) {
    return i < text.size() && std::isupper(static_cast<unsigned char>(text[i]));
  };
  if (upper(0) && !upper(1))
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

std::vector<std::string> with_dashes(const CLI::App& app, std::vector<std::string> args) {
  std::vector<std::string> names;
  collect_names(app, true, names);
  for (std::string& arg : args) {
    if (!arg.starts_with("--")) continue;
    const std::string name = arg.substr(0, arg.find('='));
    std::string dashed = name;
    std::ranges::replace(dashed, '_', '-');
    if (!contains(names, name) && contains(names, dashed)) arg.replace(0, name.size(), dashed);
  }
  return args;
}

std::string parse_problem(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& verb = chosen(app);
  const std::string help =
      "; see mezzotint " + (&verb == &app ? "" : verb.get_name() + " ") + "--help";
  std::vector<std::string> extras = app.remaining(true);
  for (const std::string& arg : extras) {
    if (!arg.starts_with("-") || arg.size() < 2) continue;
    std::vector<std::string> names;
    collect_names(verb, false, names);
    const std::string name = arg.substr(0, arg.find('='));
    return "unknown option " + name + did_you_mean(name, names) + help;
  }
  if (!extras.empty() && !verbs_of(verb).empty()) {
    std::vector<std::string> names;
    for (const CLI::App* known : verbs_of(verb)) names.push_back(known->get_name());
    return "unknown verb '" + extras[0] + "'" + did_you_mean(extras[0], names) +
           "; known: " + joined(names);
  }
  if (!extras.empty()) return "unexpected argument '" + extras[0] + "'" + help;
  return first_line(error.what()) + help;
}

std::string shell_quoted(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) {
    const auto plain = [](unsigned char c) {
      return std::isalnum(c) ||
             std::string_view("-_./=:,@%+").find(static_cast<char>(c)) != std::string_view::npos;
    };
    if (!word.empty() && std::ranges::all_of(word, plain)) {
      quoted.push_back(word);
      continue;
    }
    std::string inner = "'";
    for (const char c : word) inner += c == '\'' ? std::string("'\\''") : std::string(1, c);
    quoted.push_back(inner + "'");
  }
  return joined(quoted, " ");
}

}  // namespace mezzotint::cli
