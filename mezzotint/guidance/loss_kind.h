#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mezzotint/base/field_text.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/guidance/guide_loss.h"
#include "mezzotint/guidance/loss_resources.h"
#include "mezzotint/guidance/loss_spec.h"

namespace mezzotint {

/// A kind of loss that is known by name. One file defines a struct with fields() and
/// `GuideLoss make(const LossResources&) const`, and registers
///   const Registered<LossKind> kColor("color", loss_kind<ColorLoss>("...", "colors", 40));
/// It then appears in --loss, in help, and in the conformance tests.
struct LossKind {
  struct Field {
    std::string name;
    std::string help;
    nlohmann::json value;  ///< the default
  };
  std::string summary;   ///< one line for lists
  std::string argument;  ///< the field that the text behind the colon sets
  double scale = 1;      ///< where none is given
  std::vector<Field> fields;
  /// @throws Error (kUsage) for an unknown option or a wrong value.
  std::function<GuideLoss(const LossSpec& spec, const LossResources& resources)> make;
};

namespace loss_kind_detail {

struct FieldLister {
  std::vector<LossKind::Field>& fields;
  void operator()(const char* name, auto& value, std::string_view help = {},
                  std::initializer_list<const char*> = {}) {
    fields.push_back({name, std::string(help), value_to_json(value)});
  }
};

}  // namespace loss_kind_detail

/// @param argument the name of one of T's fields.
template <HasFields T>
LossKind loss_kind(std::string summary, const std::string& argument, double scale) {
  LossKind kind{std::move(summary), argument, scale, {}, {}};
  T defaults;
  loss_kind_detail::FieldLister lister{kind.fields};
  defaults.fields(lister);
  kind.make = [argument](const LossSpec& spec, const LossResources& resources) {
    T config;
    const std::string where = "loss " + spec.kind;
    if (spec.argument) set_field_from_text(config, argument, *spec.argument, where);
    for (const auto& [name, text] : spec.options) {
      if (set_field_from_text(config, name, text, where)) continue;
      std::vector<std::string> known = field_names<T>();
      const std::vector<std::string> shared = field_names<TermConfig>();
      known.insert(known.end(), shared.begin(), shared.end());
      fail_usage(where, ": unknown option '", name, "'", did_you_mean(name, known),
                 "; known: ", joined(known));
    }
    return config.make(resources);
  };
  return kind;
}

}  // namespace mezzotint
