#include "mezzotint/guidance/loss_spec.h"

#include <algorithm>
#include <cctype>

#include "mezzotint/base/error.h"
#include "mezzotint/base/field_text.h"

namespace mezzotint {
namespace {

/// "scale=40" -> scale, 40; nothing for what doesn't begin with a name and "=".
std::optional<std::pair<std::string, std::string>> as_option(const std::string& part) {
  const size_t begin = part.find_first_not_of(' '), equals = part.find('=');
  if (begin == std::string::npos || equals == std::string::npos || equals <= begin)
    return std::nullopt;
  const std::string name = part.substr(begin, equals - begin);
  const bool is_name = std::ranges::all_of(
      name, [](unsigned char c) { return std::islower(c) || std::isdigit(c) || c == '_'; });
  if (!is_name || std::isdigit(static_cast<unsigned char>(name[0]))) return std::nullopt;
  return std::pair(name, part.substr(equals + 1));
}

/// Where KIND ends: at the colon of its argument, the comma of its options, or the end.
size_t end_of_kind(const std::string& text) {
  return std::min(text.find_first_of(":,"), text.size());
}

}  // namespace

LossSpec parse_loss_spec(const std::string& text) {
  LossSpec spec;
  spec.text = text;
  const size_t colon = end_of_kind(text);
  spec.kind = text.substr(0, colon);
  if (spec.kind.empty())
    fail_usage("loss '", text,
               "': wanted KIND:ARGUMENT,OPTION=VALUE, such as color:#55FFAA,scale=40");
  std::vector<std::pair<std::string, std::string>> options;
  for (size_t begin = colon + 1; colon < text.size() && begin <= text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, comma - begin);
    if (const auto option = as_option(part))
      options.push_back(*option);
    else if (!options.empty())
      options.back().second += "," + part;
    else
      spec.argument = spec.argument ? *spec.argument + "," + part : part;
    begin = comma + 1;
  }
  for (size_t i = 0; i < options.size(); ++i)
    for (size_t k = 0; k < i; ++k)
      if (options[i].first == options[k].first)
        fail_usage("loss '", text, "': ", options[i].first, " is given twice");
  for (const auto& [name, value] : options)
    if (!set_field_from_text(spec.term, name, value, "loss " + spec.kind))
      spec.options.emplace_back(name, value);
  return spec;
}

}  // namespace mezzotint
