#include "apps/cli/config_flags.h"

#include <cstdio>

namespace mezzotint::cli::flags_detail {
namespace {

/// A value as the flag takes it: lists with commas, numbers in six digits.
std::string as_typed(const nlohmann::json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value.get<double>());
    return text;
  }
  if (!value.is_array()) return value.dump();
  std::vector<std::string> items;
  for (const nlohmann::json& item : value) items.push_back(as_typed(item));
  return joined(items, ",");
}

}  // namespace

std::string help_text(std::string_view help, const nlohmann::json& value, const Choices& choices) {
  std::string text(help);
  if (!choices.empty()) text += "; one of " + joined(choices);
  const std::string preset = value.is_null() ? "none" : as_typed(value);
  return preset.empty() ? text : text + "; default " + preset;
}

}  // namespace mezzotint::cli::flags_detail
