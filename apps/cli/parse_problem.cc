#include "apps/cli/parse_problem.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <vector>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"

#include "apps/cli/command_tree.h"
#include "apps/cli/options.h"

namespace mezzotint::cli {
namespace {

using Problem = std::optional<std::string>;

/// "-o", "MODEL".
std::string name_of(const CLI::Option& option) {
  return option.get_positional() ? option.get_name(true) : names_of(option).front();
}

/// "-o OUT", "MODEL".
std::string title(const CLI::Option& option) {
  const bool alone = option.get_positional() || !takes_value(option);
  return alone ? name_of(option) : name_of(option) + " " + kind_of(option);
}

/// The verbs anywhere below `app`, but for `but`, that have an option of this name.
void collect_owners(const CLI::App& app, const std::string& name, const CLI::App& but,
                    std::vector<std::string>& owners) {
  for (const CLI::App* verb : verbs_of(app)) {
    for (const CLI::Option* option : options_of(*verb))
      if (verb != &but && std::ranges::count(names_of(*option), name) > 0)
        owners.push_back(path_of(*verb));
    collect_owners(*verb, name, but, owners);
  }
}

/// More arguments than the verb takes, or an option among short ones that isn't known.
Problem left_over(const CLI::App& app, const CLI::App& verb) {
  const std::vector<std::string> words = app.remaining(true);
  if (words.empty()) return std::nullopt;
  if (words[0].size() > 1 && words[0][0] == '-' && words[0] != "--")
    return unknown_option(verb, words[0]);
  std::vector<std::string> taken;
  for (const CLI::Option* argument : positionals_of(verb)) taken.push_back(title(*argument));
  return "unexpected argument '" + words[0] + "': " + path_of(verb) + " takes " +
         (taken.empty() ? "options only" : "only " + joined(taken)) + see_help(verb);
}

Problem missing(const CLI::App& verb) {
  if (!verbs_of(verb).empty())
    return (verb.get_parent() ? path_of(verb) + ": " : "") +
           "no verb given; known: " + joined(verb_names(verb)) + see_help(verb);
  std::vector<std::string> titles;
  std::vector<const CLI::Option*> options = positionals_of(verb);
  for (const CLI::Option* option : options_of(verb))
    if (!option->get_positional()) options.push_back(option);
  for (const CLI::Option* option : options)
    if (option->get_required() && option->count() == 0)
      titles.push_back(title(*option) + " (" + option->get_description() + ")");
  if (titles.empty()) return std::nullopt;
  return path_of(verb) + ": " + joined(titles, " and ") + (titles.size() == 1 ? " is" : " are") +
         " missing" + see_help(verb);
}

Problem repeated(const CLI::App& verb) {
  for (const CLI::App* at = &verb; at; at = at->get_parent())
    for (const CLI::Option* option : options_of(*at)) {
      const std::vector<std::string> values = option->results();
      if (!takes_value(*option) || values.size() < 2) continue;
      return name_of(*option) + ": given more than once (" + joined(values) + "), wanted one value";
    }
  return std::nullopt;
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

std::string unknown_verb(const CLI::App& verb, const std::string& word) {
  const std::vector<std::string> known = verb_names(verb);
  return "unknown verb '" + word + "'" + did_you_mean(word, known) + "; known: " + joined(known);
}

std::string unknown_option(const CLI::App& verb, const std::string& word) {
  const std::string name = word.starts_with("--") ? word.substr(0, word.find('=')) : word;
  std::vector<std::string> known = known_names(verb);
  std::erase_if(known, [](const std::string& other) { return !other.starts_with("--"); });
  std::vector<std::string> owners;
  collect_owners(root_of(verb), name, verb, owners);
  if (!owners.empty() && !verb.get_parent())
    return name + " stands before the verb; give it after the verb (" + joined(owners, " or ") +
           " has it)";
  const std::string hint = did_you_mean(name, known);
  if (!owners.empty() && hint.empty())
    return name + " is no option of " + path_of(verb) + " but of " + joined(owners) +
           see_help(verb);
  return "unknown option " + name + hint + see_help(verb);
}

std::string see_help(const CLI::App& verb) {
  const std::string path = path_of(verb);
  return "; see mezzotint " + path + (path.empty() ? "" : " ") + "--help";
}

std::string value_in_words(const CLI::Option& option) {
  static const std::map<std::string, std::string> kWords = {
      {"INT", "a whole number"},   {"NUMBER", "a number"}, {"FILE", "a file"},
      {"OUT", "a file or folder"}, {"DIR", "a folder"},    {"MODEL", "a model"},
      {"DATA", "a data set"},      {"LIST", "a list"},     {"TEXT", "a text"}};
  const std::vector<std::string> words = offered(option);
  if (!words.empty()) return "one of " + joined(words);
  const auto found = kWords.find(kind_of(option));
  return found == kWords.end() ? "a value" : found->second;
}

std::string parse_problem(const CLI::App& app, const CLI::App& verb, const CLI::ParseError& error) {
  if (const Problem problem = left_over(app, verb)) return *problem;
  if (const Problem problem = repeated(verb)) return *problem;
  if (const Problem problem = missing(verb)) return *problem;
  return first_line(error.what()) + see_help(verb);
}

}  // namespace mezzotint::cli
