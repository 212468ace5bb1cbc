#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"

namespace mezzotint {

/// What is known by name: name -> factory of type F. Filled by Registered<F> objects before main,
/// read-only after.
template <class F>
class Registry {
 public:
  static void add(const std::string& name, F factory) {
    if (!entries().emplace(name, std::move(factory)).second) fail("registered twice: ", name);
  }
  static bool contains(const std::string& name) { return entries().contains(name); }
  /// @throws Error (kUsage) that names the nearest known name, where `what` says what kind of thing
  /// is looked for.
  static const F& at(const std::string& what, const std::string& name) {
    const auto found = entries().find(name);
    if (found == entries().end())
      fail_usage("unknown ", what, " '", name, "'", did_you_mean(name, names()),
                 "; known: ", joined(names()));
    return found->second;
  }
  static std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& [name, factory] : entries()) all.push_back(name);
    return all;
  }

 private:
  static std::map<std::string, F>& entries() {
    static std::map<std::string, F> map;
    return map;
  }
};

/// A namespace-scope `const Registered<F> kName("name", factory);` in the file that implements it
/// is all it takes.
template <class F>
struct Registered {
  Registered(const std::string& name, F factory) { Registry<F>::add(name, std::move(factory)); }
};

}  // namespace mezzotint
