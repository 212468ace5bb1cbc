#include "mezzotint/base/weights.h"

#include "mezzotint/base/suggest.h"

namespace mezzotint {

void Weights::set(const std::string& key, Tensor tensor) {
  const auto [place, added] = index_.emplace(key, items_.size());
  if (added)
    items_.emplace_back(key, std::move(tensor));
  else
    items_[place->second].second = std::move(tensor);
}

const Tensor& Weights::at(const std::string& key) const {
  const auto found = index_.find(key);
  if (found == index_.end()) fail("no tensor named '", key, "'", did_you_mean(key, keys()));
  return items_[found->second].second;
}

Tensor Weights::find(const std::string& key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? Tensor() : items_[found->second].second;
}

void Weights::erase(const std::string& key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(found->second));
  index_.clear();
  for (size_t i = 0; i < items_.size(); ++i) index_.emplace(items_[i].first, i);
}

std::vector<std::string> Weights::keys() const {
  std::vector<std::string> all;
  for (const auto& [key, tensor] : items_) all.push_back(key);
  return all;
}

std::vector<Tensor> Weights::tensors() const {
  std::vector<Tensor> all;
  for (const auto& [key, tensor] : items_) all.push_back(tensor);
  return all;
}

int64_t Weights::element_count() const {
  int64_t count = 0;
  for (const auto& [key, tensor] : items_) count += tensor.numel();
  return count;
}

Weights Weights::below(const std::string& prefix) const {
  Weights part;
  for (const auto& [key, tensor] : items_)
    if (key.starts_with(prefix)) part.set(key.substr(prefix.size()), tensor);
  return part;
}

Weights Weights::under(const std::string& prefix) const {
  Weights all;
  for (const auto& [key, tensor] : items_) all.set(prefix + key, tensor);
  return all;
}

}  // namespace mezzotint
