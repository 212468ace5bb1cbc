#pragma once

#include <algorithm>
#include <string>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "mezzotint/base/fields.h"

// Fields (base/fields.h) from text, as it stands on a command line:
//
//   text       silu
//   number     1e-5
//   list       32,64,64   or JSON: [32, 64, 64]
//   optional   a value, or "none"
namespace mezzotint {

/// A text as the JSON that value_from_json<V>() reads. What doesn't fit is left a text, so that
/// reading it says what was wanted.
template <class V>
nlohmann::json json_from_text(const std::string& text) {
  const auto parsed = [&] {
    nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    return json.is_discarded() ? nlohmann::json(text) : json;
  };
  if constexpr (IsOptional<V>::value) {
    if (text == "none" || text == "null") return nullptr;
    return json_from_text<typename V::value_type>(text);
  } else if constexpr (IsVector<V>::value) {
    if (text.starts_with("[")) return parsed();
    nlohmann::json list = nlohmann::json::array();
    for (size_t begin = 0; begin < text.size();) {
      const size_t comma = std::min(text.find(',', begin), text.size());
      list.push_back(json_from_text<typename V::value_type>(text.substr(begin, comma - begin)));
      begin = comma + 1;
    }
    return list;
  } else if constexpr (std::is_same_v<V, std::string>) {
    return text;
  } else if constexpr (std::is_same_v<V, bool>) {
    if (text == "yes" || text == "on") return true;
    if (text == "no" || text == "off") return false;
    return parsed();
  } else {
    return parsed();
  }
}

namespace fields_detail {

/// Turns the text of one field into JSON of the field's type.
struct TextReader {
  const std::string& wanted;
  const std::string& text;
  nlohmann::json json;
  bool found = false;
  template <class V>
  void operator()(const char* name, V& /*value*/, std::string_view = {},
                  std::initializer_list<const char*> = {}) {
    if (wanted != name) return;
    found = true;
    json = json_from_text<V>(text);
  }
};

}  // namespace fields_detail

/// Sets one field from a text. @return whether there is such a field. @throws Error (kUsage) that
/// names `where` and the field, for a wrong value.
template <HasFields T>
bool set_field_from_text(T& config, const std::string& name, const std::string& text,
                         const std::string& where) {
  fields_detail::TextReader reader{name, text, {}};
  config.fields(reader);
  if (reader.found) from_json(config, nlohmann::json{{name, reader.json}}, where);
  return reader.found;
}

}  // namespace mezzotint
