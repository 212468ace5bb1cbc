#include "mezzotint/io/script_module.h"

#include <algorithm>

#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

/// Modules in modules, and bytes of all names together: bounds that no network comes near. One
/// module can stand in many, so a short file can have very many names.
constexpr size_t kMostDepth = 64;
constexpr size_t kMostNameBytes = size_t{1} << 24U;

class Walk {
 public:
  explicit Walk(const std::string& where) : where_(where) {}

  void visit(const PickleObject& module, const std::string& prefix) {
    if (std::ranges::find(above_, &module) != above_.end())
      fail(where_, ": the module ", in_quotes(prefix), " stands in itself");
    if (above_.size() == kMostDepth)
      fail(where_, ": modules in modules more than ", kMostDepth, " deep");
    if (module.state == nullptr)
      fail(where_, ": an object of ", in_quotes(module.name), " has no attributes");
    above_.push_back(&module);
    const auto& attributes = module.state->as<PickleDict>()->items;
    for (const auto& [key, value] : attributes)
      if (const auto* tensor = value->as<PickleTensor>())
        tensors_.emplace_back(name_of(*key, prefix), tensor);
    for (const auto& [key, value] : attributes)
      if (const auto* inner = value->as<PickleObject>()) visit(*inner, name_of(*key, prefix) + ".");
    above_.pop_back();
  }

  std::vector<NamedPickleTensor> take() { return std::move(tensors_); }

 private:
  std::string name_of(const PickleValue& key, const std::string& prefix) {
    const auto* name = key.as<PickleText>();
    if (name == nullptr) fail(where_, ": an attribute is named ", in_words(key), ", wanted a text");
    if (!is_utf8(name->text))
      fail(where_, ": the attribute's name ", in_quotes(name->text), " is not UTF-8");
    spent_ += prefix.size() + name->text.size() + 1;
    if (spent_ > kMostNameBytes) fail(where_, ": more names of modules than any network has");
    return concat(prefix, name->text);
  }

  const std::string& where_;
  std::vector<const PickleObject*> above_;  ///< the modules that the one at work is in
  std::vector<NamedPickleTensor> tensors_;
  size_t spent_ = 0;
};

}  // namespace

std::vector<NamedPickleTensor> script_module_tensors(const PickleObject& module,
                                                     const std::string& where) {
  Walk walk(where);
  walk.visit(module, "");
  return walk.take();
}

}  // namespace mezzotint
