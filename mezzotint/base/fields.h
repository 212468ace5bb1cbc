#pragma once

// A configuration is a struct whose `void fields(auto& f)` names every member once:
//
//   struct DDIMConfig {
//     double eta = 0.0;
//     std::string prediction_type = "epsilon";
//     void fields(auto& f) {
//       f("eta", eta, "fresh noise per step, 0 to 1");
//       f("prediction_type", prediction_type, "what the model predicts", {"epsilon", "sample",
//       "v_prediction"});
//     }
//   };
//
// JSON reading and writing, flags, help and the messages about wrong values all come from that
// list. Members are bool, integers, floating point, std::string, std::optional and std::vector of
// these, nlohmann::json (kept as it is), and structs with fields() of their own.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"

namespace mezzotint {

/// The values that a string field can take; empty where any will do.
using Choices = std::vector<std::string>;

namespace fields_detail {

struct Probe {
  void operator()(const char*, auto&, std::string_view = {},
                  std::initializer_list<const char*> = {}) {}
};

}  // namespace fields_detail

template <class T>
concept HasFields = requires(T& t, fields_detail::Probe& f) {
  t.fields(f);
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <HasFields T>
nlohmann::json to_json(const T& config);
template <HasFields T>
std::vector<std::string> from_json(T& config, const nlohmann::json& json, const std::string& where);

/// One value as JSON; an empty optional is null.
template <class T>
nlohmann::json value_to_json(const T& value) {
  if constexpr (IsOptional<T>::value) {
    return value ? value_to_json(*value) : nlohmann::json(nullptr);
  } else if constexpr (IsVector<T>::value) {
    nlohmann::json array = nlohmann::json::array();
    for (const auto& item : value) array.push_back(value_to_json(item));
    return array;
  } else if constexpr (HasFields<T>) {
    return to_json(value);
  } else {
    return value;
  }
}

/// "a whole number", "true or false", ...: what an error says was wanted.
template <class T>
std::string type_in_words() {
  if constexpr (std::same_as<T, bool>)
    return "true or false";
  else if constexpr (std::integral<T>)
    return "a whole number";
  else if constexpr (std::floating_point<T>)
    return "a number";
  else if constexpr (std::same_as<T, std::string>)
    return "a text";
  else if constexpr (IsOptional<T>::value)
    return type_in_words<typename T::value_type>() + " or null";
  else if constexpr (IsVector<T>::value)
    return "a list, each item " + type_in_words<typename T::value_type>();
  else
    return "an object";
}

/// Reads one value. @throws Error (kUsage) that names `where`, what was got and what was wanted.
template <class T>
void value_from_json(T& value, const nlohmann::json& json, const std::string& where) {
  const auto wrong = [&] {
    const std::string got = json.is_string() ? "'" + json.get<std::string>() + "'" : json.dump();
    fail_usage(where, ": got ", got.substr(0, 80), ", wanted ", type_in_words<T>());
  };
  if constexpr (IsOptional<T>::value) {
    if (json.is_null()) return value.reset();
    if (!value) value.emplace();
    value_from_json(*value, json, where);
  } else if constexpr (IsVector<T>::value) {
    if (!json.is_array()) wrong();
    value.clear();
    for (size_t i = 0; i < json.size(); ++i) {
      typename T::value_type item{};
      value_from_json(item, json[i], concat(where, "[", i, "]"));
      value.push_back(std::move(item));
    }
  } else if constexpr (HasFields<T>) {
    from_json(value, json, where);
  } else if constexpr (std::same_as<T, nlohmann::json>) {
    value = json;
  } else if constexpr (std::same_as<T, bool>) {
    if (!json.is_boolean()) wrong();
    value = json.get<bool>();
  } else if constexpr (std::integral<T>) {
    // A whole number written as 4.0 or 1e3 is taken as one.
    const bool whole = json.is_number_float() &&
                       std::floor(json.get<double>()) == json.get<double>() &&
                       std::abs(json.get<double>()) < 9e15;
    if (!json.is_number_integer() && !whole) wrong();
    value = json.is_number_integer() ? json.get<T>() : static_cast<T>(json.get<double>());
  } else if constexpr (std::floating_point<T>) {
    if (!json.is_number()) wrong();
    value = json.get<T>();
  } else {
    if (!json.is_string()) wrong();
    value = json.get<T>();
  }
}

namespace fields_detail {

struct Writer {
  nlohmann::json object = nlohmann::json::object();
  void operator()(const char* name, auto& value, std::string_view = {},
                  std::initializer_list<const char*> = {}) {
    object[name] = value_to_json(value);
  }
};

struct Namer {
  std::vector<std::string> names;
  void operator()(const char* name, auto&, std::string_view = {},
                  std::initializer_list<const char*> = {}) {
    names.emplace_back(name);
  }
};

struct Reader {
  const nlohmann::json& json;
  const std::string& where;
  std::vector<std::string> known;
  template <class V>
  void operator()(const char* name, V& value, std::string_view = {},
                  std::initializer_list<const char*> choices = {}) {
    known.emplace_back(name);
    if (!json.contains(name)) return;
    const std::string place = where + ": " + name;
    value_from_json(value, json.at(name), place);
    check_choice(value, {choices.begin(), choices.end()}, place);
  }
  void check_choice(const std::string& value, const Choices& choices, const std::string& place) {
    if (choices.empty() || std::ranges::find(choices, value) != choices.end()) return;
    fail_usage(place, ": unknown value '", value, "'", did_you_mean(value, choices),
               "; known: ", joined(choices));
  }
  void check_choice(const std::optional<std::string>& value, const Choices& choices,
                    const std::string& place) {
    if (value) check_choice(*value, choices, place);
  }
  void check_choice(const auto&, const Choices&, const std::string&) {}
};

}  // namespace fields_detail

/// The fields as a JSON object.
template <HasFields T>
nlohmann::json to_json(const T& config) {
  fields_detail::Writer writer;
  T copy = config;
  copy.fields(writer);
  return writer.object;
}

/// The names of the fields, in order.
template <HasFields T>
std::vector<std::string> field_names() {
  fields_detail::Namer namer;
  T config;
  config.fields(namer);
  return namer.names;
}

/// Sets the fields that the object has; the others keep their values. @returns the keys that are no
/// field, in the object's order. @throws Error (kUsage) when a value has the wrong type or is not
/// among a field's choices.
template <HasFields T>
std::vector<std::string> from_json(T& config, const nlohmann::json& json,
                                   const std::string& where) {
  if (!json.is_object())
    fail_usage(where, ": got ", json.dump().substr(0, 80), ", wanted an object");
  fields_detail::Reader reader{json, where, {}};
  config.fields(reader);
  std::vector<std::string> unknown;
  for (const auto& [key, value] : json.items())
    if (std::ranges::find(reader.known, key) == reader.known.end()) unknown.push_back(key);
  return unknown;
}

/// from_json for what a person wrote: an unknown key is an error with a suggestion.
template <HasFields T>
void from_json_strict(T& config, const nlohmann::json& json, const std::string& where) {
  const std::vector<std::string> unknown = from_json(config, json, where);
  if (!unknown.empty())
    fail_usage(where, ": unknown key '", unknown[0], "'",
               did_you_mean(unknown[0], field_names<T>()));
}

}  // namespace mezzotint
