#include "mezzotint/training/config_file.h"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"

namespace mezzotint {
namespace {

nlohmann::json as_json(const toml::node& node, const std::string& where) {
  if (const auto* table = node.as_table()) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, value] : *table) {
      const std::string name(key.str());
      object[name] = as_json(value, concat(where, ": ", name));
    }
    return object;
  }
  if (const auto* array = node.as_array()) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& value : *array) list.push_back(as_json(value, where));
    return list;
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return whole->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  fail_usage(where, ": got a date or time, wanted a number, a text, true or false, or a list");
}

}  // namespace

nlohmann::json read_config_file(const std::filesystem::path& path) {
  if (path.extension() == ".json") return read_json(path);
  const toml::parse_result parsed = toml::parse(read_file(path), path.string());
  if (!parsed) {
    const toml::source_position at = parsed.error().source().begin;
    fail_usage(path.string(), ":", at.line, ":", at.column, ": ", parsed.error().description());
  }
  return as_json(parsed.table(), path.string());
}

}  // namespace mezzotint
