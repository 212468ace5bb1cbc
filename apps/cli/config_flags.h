#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <CLI/CLI.hpp>

#include "mezzotint/base/field_text.h"
#include "mezzotint/base/fields.h"

#include "apps/cli/options.h"

// Flags out of a configuration's fields(): `block_out_channels` becomes --block-out-channels
// (main() takes the spelling with underscores as well). Values are read as JSON values of the
// field's type are, with the same messages.
//
//   text       --act-fn silu
//   number     --lr 1e-5
//   yes or no  --flip-sin-to-cos, --no-flip-sin-to-cos
//   list       --block-out-channels 32,64,64   or JSON: '[32, 64, 64]'
//   optional   a value, or "none"
//   structure  a flag for each of its fields: --optimizer-lr
namespace mezzotint::cli {

/// "block_out_channels" -> "--block-out-channels".
inline std::string flag_name(std::string field) {
  for (char& c : field)
    if (c == '_') c = '-';
  return "--" + field;
}

/// Whether --help says the values that fields have.
enum class Defaults { kSaid, kUnsaid };

namespace flags_detail {

/// `help`, then the choices and the default as they are written on a command line.
std::string help_text(std::string_view help, const nlohmann::json& value, const Choices& choices);

template <class V>
const char* type_name() {
  if constexpr (IsOptional<V>::value)
    return type_name<typename V::value_type>();
  else if constexpr (IsVector<V>::value)
    return "LIST";
  else if constexpr (std::is_same_v<V, std::string>)
    return "TEXT";
  else if constexpr (std::is_integral_v<V>)
    return "INT";
  else if constexpr (std::is_floating_point_v<V>)
    return "NUMBER";
  else
    return "JSON";
}

/// Visits fields() and declares a flag for each; `overlay` collects what was given, in the shape of
/// the JSON.
struct Declarer {
  CLI::App& app;
  std::shared_ptr<nlohmann::json> overlay;
  nlohmann::json::json_pointer place;
  std::string prefix;
  std::string group;
  Defaults defaults = Defaults::kSaid;

  template <class V>
  void operator()(const char* name, V& value, std::string_view help = {},
                  std::initializer_list<const char*> choices = {}) {
    const std::string flag = flag_name(prefix + name);
    const nlohmann::json::json_pointer here = place / std::string(name);
    Choices words(choices.begin(), choices.end());
    const nlohmann::json usual = defaults == Defaults::kSaid ? value_to_json(value) : "";
    const std::string text = help_text(help, usual, words);
    if constexpr (HasFields<V>) {
      Declarer inner{app, overlay, here, prefix + name + "_", group, defaults};
      value.fields(inner);
    } else if constexpr (std::is_same_v<V, bool>) {
      app.add_flag_function(
             flag + ",!" + flag_name("no_" + prefix + name),
             [=, overlay = overlay](int64_t count) { (*overlay)[here] = count > 0; }, text)
          ->group(group);
    } else {
      const auto read = [=, overlay = overlay](const std::string& given) {
        V scratch{};
        const nlohmann::json json = json_from_text<V>(given);
        value_from_json(scratch, json, flag);
        (*overlay)[here] = json;
      };
      CLI::Option* option = app.add_option_function<std::string>(flag, read, text);
      option->type_name(words.empty() ? type_name<V>() : "NAME")->group(group);
      if (words.empty()) return;
      if (IsOptional<V>::value) words.emplace_back("none");
      offer_only(option, words);
    }
  }
};

}  // namespace flags_detail

/// Declares a flag for every field of T.
/// @param given an object that gets what is given on the command line while it is parsed: lay it
/// over a preset and a file with from_json_strict(config, *given, "command line").
/// @param defaults what --help shows, unless `said` is kUnsaid.
template <HasFields T>
void add_flags(CLI::App& app, const std::shared_ptr<nlohmann::json>& given, const T& defaults,
               const std::string& group, Defaults said = Defaults::kSaid) {
  T copy = defaults;
  flags_detail::Declarer declarer{app, given, nlohmann::json::json_pointer(), "", group, said};
  copy.fields(declarer);
}

}  // namespace mezzotint::cli
