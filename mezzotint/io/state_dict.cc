#include "mezzotint/io/state_dict.h"

#include <algorithm>
#include <map>

#include "mezzotint/base/suggest.h"
#include "mezzotint/io/script_module.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

/// Remembers which dicts hold tensors: one dict can stand in another any number of times.
class TensorDicts {
 public:
  bool contain(const PickleDict& dict) {
    const auto [place, added] = known_.emplace(&dict, false);
    if (added)
      place->second = std::ranges::any_of(dict.items, [](const auto& item) {
        return item.second->template as<PickleTensor>() != nullptr;
      });
    return place->second;
  }

 private:
  std::map<const PickleDict*, bool> known_;
};

std::vector<NamedPickleTensor> tensors_of(const PickleDict& dict, TensorDicts& dicts,
                                          const std::string& where) {
  std::vector<NamedPickleTensor> tensors;
  std::map<std::string, size_t> places;
  for (const auto& [key, value] : dict.items) {
    const auto* tensor = value->as<PickleTensor>();
    if (const auto* inner = value->as<PickleDict>(); inner != nullptr && dicts.contain(*inner))
      fail(where, ": ", in_words(*key),
           " is a dict of tensors among tensors; wanted a flat state_dict");
    if (tensor == nullptr) continue;
    const auto* name = key->as<PickleText>();
    if (name == nullptr) fail(where, ": a tensor is named ", in_words(*key), ", wanted a text");
    if (!is_utf8(name->text))
      fail(where, ": the tensor name ", in_quotes(name->text), " is not UTF-8");
    // A key that is set twice keeps its first place and its last value, as in Python.
    const auto [place, added] = places.emplace(name->text, tensors.size());
    if (added)
      tensors.emplace_back(name->text, tensor);
    else
      tensors[place->second].second = tensor;
  }
  return tensors;
}

}  // namespace

std::vector<NamedPickleTensor> find_state_dict(const TorchPickle& pickle,
                                               const std::string& where) {
  if (const auto* module = pickle.root->as<PickleObject>())
    return script_module_tensors(*module, where);
  const auto* root = pickle.root->as<PickleDict>();
  if (root == nullptr)
    fail(where, ": holds ", in_words(*pickle.root), "; wanted a state_dict, a dict of tensors");
  TensorDicts dicts;
  std::map<std::string, const PickleDict*> inner;
  for (const auto& [key, value] : root->items) {
    const auto* name = key->as<PickleText>();
    const auto* dict = value->as<PickleDict>();
    if (name != nullptr && dict != nullptr && dicts.contain(*dict))
      inner[std::string(name->text)] = dict;
  }
  for (const char* usual : {"state_dict", "model_state_dict", "model"})
    if (inner.contains(usual)) return tensors_of(*inner.at(usual), dicts, where);
  if (dicts.contain(*root)) return tensors_of(*root, dicts, where);
  if (inner.size() == 1) return tensors_of(*inner.begin()->second, dicts, where);
  if (inner.empty() && root->items.empty()) return {};
  std::vector<std::string> names;
  for (const auto& [name, dict] : inner) names.push_back(in_quotes(name));
  fail(where, ": ",
       inner.empty() ? "holds no tensors" : "several dicts of tensors: ", joined(names),
       "; wanted a state_dict, a dict of tensors");
}

}  // namespace mezzotint
