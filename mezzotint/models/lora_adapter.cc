#include "mezzotint/models/lora_adapter.h"

#include <algorithm>
#include <string_view>

#include <ATen/core/grad_mode.h>

#include "mezzotint/base/suggest.h"

namespace mezzotint {
namespace {

constexpr std::string_view kWeight = ".weight";

/// Whether A and B make up a change of a weight of these sizes.
bool fits(const ops::LowRank& change, IntArrayRef weight) {
  std::vector<int64_t> a = weight.vec(), b = weight.vec();
  a[0] = b[1] = change.a.size(0);
  for (size_t i = 2; i < b.size(); ++i) b[i] = 1;
  return change.a.sizes() == a && change.b.sizes() == b;
}

}  // namespace

void LoraAdapter::set(const std::string& module, ops::LowRank change) {
  const auto [place, fresh] = index_.emplace(module, items_.size());
  if (fresh)
    items_.emplace_back(module, std::move(change));
  else
    items_[place->second].second = std::move(change);
}

ops::LowRank LoraAdapter::find(const std::string& module) const {
  const auto found = index_.find(module);
  return found == index_.end() ? ops::LowRank() : items_[found->second].second;
}

Weights LoraAdapter::parameters() const {
  Weights all;
  for (const auto& [module, change] : items_) {
    all.set(module + ".lora_A.weight", change.a);
    all.set(module + ".lora_B.weight", change.b);
  }
  return all;
}

std::vector<std::string> adaptable_modules(const Weights& parameters) {
  std::vector<std::string> modules;
  for (const auto& [key, tensor] : parameters) {
    if (!key.ends_with(kWeight) || (tensor.dim() != 2 && tensor.dim() != 4)) continue;
    // Tables, which are matrices too, have none.
    const std::string module = key.substr(0, key.size() - kWeight.size());
    if (parameters.contains(module + ".bias")) modules.push_back(module);
  }
  return modules;
}

void check_fits(const LoraAdapter& adapter, const Weights& parameters, const std::string& what) {
  if (adapter.empty()) return;
  const std::vector<std::string> known = adaptable_modules(parameters);
  for (const auto& [module, change] : adapter) {
    MEZZO_CHECK(std::ranges::find(known, module) != known.end(), what, ": changes ", module,
                ", which is no linear or convolutional layer of this network",
                did_you_mean(module, known), "; it was made for another one");
    const Tensor& weight = parameters.at(module + std::string(kWeight));
    MEZZO_CHECK(fits(change, weight.sizes()), what, ": ", module, ": lora_A is ", change.a.sizes(),
                " and lora_B ", change.b.sizes(), ", the network's weight ", weight.sizes(),
                "; it was made for another network");
  }
}

void merge_into(const Weights& parameters, const LoraAdapter& adapter, double strength,
                const std::string& what) {
  check_fits(adapter, parameters, what);
  const at::NoGradGuard no_grad;
  for (const auto& [module, change] : adapter) {
    const Tensor& weight = parameters.at(module + std::string(kWeight));
    const ops::LowRank moved = {change.a.to(weight.device()), change.b.to(weight.device()),
                                strength * change.scale};
    weight.copy_(ops::merged(weight, moved));
  }
}

Weights merged_weights(const Weights& parameters, const LoraAdapter& adapter) {
  const at::NoGradGuard no_grad;
  Weights all;
  for (const auto& [key, tensor] : parameters) {
    const bool weight = key.ends_with(kWeight);
    all.set(key,
            ops::merged(tensor, weight ? adapter.find(key.substr(0, key.size() - kWeight.size()))
                                       : ops::LowRank()));
  }
  return all;
}

}  // namespace mezzotint
