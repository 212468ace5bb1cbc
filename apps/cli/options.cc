#include "apps/cli/options.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/base/whole_number.h"
#include "mezzotint/schedulers/scheduler.h"

#include "apps/cli/split.h"

namespace mezzotint::cli {
namespace {

std::string range_in_words(int64_t least, int64_t most) {
  if (most != kNoLimit) return concat(least, " to ", most);
  return concat("at least ", least);
}

double number_of(const std::string& text, const std::string& name) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const bool begins_well = !text.empty() && (std::isdigit(static_cast<unsigned char>(text[0])) ||
                                             text[0] == '-' || text[0] == '.');
  if (!begins_well || *end != '\0' || !std::isfinite(number))
    fail_usage(name, ": got '", text, "', wanted a number");
  return number;
}

}  // namespace

std::string first_name(const std::string& names) { return split(names, ',').front(); }

CLI::Option* add_whole_number(CLI::App& app, const std::string& names, int64_t& value,
                              int64_t least, const std::string& help, int64_t most) {
  return add_whole_number(
      app, names, [&value](int64_t number) { value = number; }, least, help, most);
}

CLI::Option* add_whole_number(CLI::App& app, const std::string& names,
                              std::function<void(int64_t)> take, int64_t least,
                              const std::string& help, int64_t most) {
  const auto read = [take = std::move(take), least, most,
                     name = first_name(names)](const std::string& text) {
    const std::optional<int64_t> number = whole_number(text);
    if (!number)
      fail_usage(name, ": got '", text, "', wanted a whole number, ", range_in_words(least, most));
    if (*number < least || *number > most)
      fail_usage(name, ": got ", *number, ", wanted ", range_in_words(least, most));
    take(*number);
  };
  return app.add_option_function<std::string>(names, read, help)->type_name("INT");
}

CLI::Option* add_number(CLI::App& app, const std::string& names, double& value,
                        const std::string& help) {
  const auto read = [&value, name = first_name(names)](const std::string& text) {
    value = number_of(text, name);
  };
  return app.add_option_function<std::string>(names, read, help)->type_name("NUMBER");
}

CLI::Option* add_text(CLI::App& app, const std::string& names, std::string& value,
                      const std::string& help, const std::string& kind) {
  return app.add_option(names, value, help)->type_name(kind);
}

CLI::Option* offer(CLI::Option* option, const std::vector<std::string>& words) {
  const auto any = [](std::string&) { return std::string(); };
  return option->check(CLI::Validator(any, joined(words, ",")));
}

CLI::Option* offer_only(CLI::Option* option, const std::vector<std::string>& words) {
  const std::string name = option->get_name();
  const auto known = [words, name](std::string& word) {
    if (std::ranges::find(words, word) == words.end())
      fail_usage(name, ": unknown value '", word, "'", did_you_mean(word, words),
                 "; known: ", joined(words));
    return std::string();
  };
  return option->check(CLI::Validator(known, joined(words, ",")));
}

std::string kind_of(const CLI::Option& option) {
  const std::string kind =
      option.get_type_name();  // "NAME:ddim,ddpm": checks are added with a colon
  return kind.substr(0, kind.find(':'));
}

std::vector<std::string> offered(const CLI::Option& option) {
  const std::string kind = option.get_type_name();
  const size_t colon = kind.find(':');
  if (colon == std::string::npos) return {};
  return split(kind.substr(colon + 1), ',');
}

CLI::Option* offer_schedulers(CLI::Option* option) {
  return offer(option, short_scheduler_names());
}

}  // namespace mezzotint::cli
