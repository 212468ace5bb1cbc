#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>

// Visitors that pass on some of the fields that a configuration lists (base/fields.h):
//
//   struct RecipeFlags : TrainConfig {
//     void fields(auto& f) {
//       Skip<std::remove_reference_t<decltype(f)>> some{f, {"seed"}};
//       TrainConfig::fields(some);
//     }
//   };
namespace mezzotint::cli {

/// The fields that are named, or all others.
template <class Visitor, bool kNamed>
struct SomeFields {
  Visitor& visitor;
  std::initializer_list<std::string_view> names;
  void operator()(const char* name, auto& value, std::string_view help = {},
                  std::initializer_list<const char*> choices = {}) {
    const bool named = std::ranges::find(names, name) != names.end();
    if (named == kNamed) visitor(name, value, help, choices);
  }
};

template <class Visitor>
using Only = SomeFields<Visitor, true>;
template <class Visitor>
using Skip = SomeFields<Visitor, false>;

}  // namespace mezzotint::cli
