#include "apps/cli/help.h"

#include <algorithm>
#include <sstream>

#include <unistd.h>

#include "mezzotint/base/suggest.h"

#include "apps/cli/command_tree.h"
#include "apps/cli/options.h"
#include "apps/cli/terminal.h"

namespace mezzotint::cli {
namespace {

constexpr size_t kWidest = 100;
constexpr size_t kIndent = 30;  // where descriptions begin

/// "-o, --out OUT".
std::string left_side(const CLI::Option& option) {
  const std::string names = joined(names_of(option));
  return takes_value(option) ? names + " " + kind_of(option) : names;
}

/// "mezzotint sample MODEL -o OUT [OPTIONS]".
std::string usage(const CLI::App& app, const std::string& name) {
  std::string line = name;
  if (!verbs_of(app).empty()) line += app.get_require_subcommand_min() > 0 ? " VERB" : " [VERB]";
  for (const CLI::Option* argument : positionals_of(app)) {
    const std::string word = argument->get_name(true) + (repeats(*argument) ? "..." : "");
    line += argument->get_required() ? " " + word : " [" + word + "]";
  }
  for (const CLI::Option* option : options_of(app))
    if (option->get_required() && !option->get_positional())
      line += " " + names_of(*option).front() + " " + kind_of(*option);
  return line + " [OPTIONS]\n";
}

}  // namespace

std::string HelpFormatter::row(const std::string& left, const std::string& right) const {
  std::string text = "  " + left;
  size_t column = text.size();
  if (column + 2 > kIndent) {
    text += "\n";
    column = 0;
  }
  std::istringstream words(right);
  bool first = true;
  for (std::string word; words >> word; first = false) {
    const bool wraps = !first && column + 1 + word.size() > width_;
    if (wraps) text += "\n";
    const size_t gap = first || wraps ? kIndent - (first ? column : 0) : 1;
    text += std::string(gap, ' ') + word;
    column = (wraps ? 0 : column) + gap + word.size();
  }
  return text + "\n";
}

std::string HelpFormatter::option_rows(const CLI::App& app, const std::string& group) const {
  std::string rows;
  for (const CLI::Option* option : options_of(app)) {
    if (option->get_group() != group) continue;
    rows += row(left_side(*option), option->get_description());
  }
  return rows;
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode) const {
  std::string text = app->get_parent() ? name + ": " : "";
  text += app->get_description() + "\n\nUsage: " + usage(*app, name);
  const auto section = [&text](const std::string& title, const std::string& rows) {
    if (!rows.empty()) text += "\n" + title + ":\n" + rows;
  };
  std::string verbs, arguments;
  for (const CLI::App* verb : verbs_of(*app))
    verbs += row(verb->get_name(), verb->get_description());
  for (const CLI::Option* argument : positionals_of(*app))
    arguments += row(argument->get_name(true), argument->get_description());
  section("Verbs", verbs);
  section("Arguments", arguments);
  for (const CLI::App* at = app; at; at = verb_above(*at))
    for (const std::string& group : at->get_groups()) section(group, option_rows(*at, group));
  return app->get_footer().empty() ? text : text + "\n" + app->get_footer() + "\n";
}

size_t help_width() {
  const size_t width = terminal_width(STDOUT_FILENO).value_or(kWidest);
  return width < 40 ? kWidest : std::min(width, kWidest);
}

}  // namespace mezzotint::cli
