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

/// All but those named.
template <class Visitor>
struct Skip {
  Visitor& visitor;
  std::initializer_list<std::string_view> names;
  void operator()(const char* name, auto& value, std::string_view help = {},
                  std::initializer_list<const char*> choices = {}) {
    if (std::ranges::find(names, name) == names.end()) visitor(name, value, help, choices);
  }
};

/// Those named.
template <class Visitor>
struct Only {
  Visitor& visitor;
  std::initializer_list<std::string_view> names;
  void operator()(const char* name, auto& value, std::string_view help = {},
                  std::initializer_list<const char*> choices = {}) {
    if (std::ranges::find(names, name) != names.end()) visitor(name, value, help, choices);
  }
};

}  // namespace mezzotint::cli
