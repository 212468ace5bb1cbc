#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mezzotint/base/error.h"
#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// Named tensors in the order in which they were added: a checkpoint, or the parameters of a model.
/// Tensors are shared, not copied.
class Weights {
 public:
  using Item = std::pair<std::string, Tensor>;

  /// Adds or replaces.
  void set(const std::string& key, Tensor tensor);
  /// @throws Error when the key is missing.
  const Tensor& at(const std::string& key) const;
  /// The tensor, or an undefined one when the key is missing.
  Tensor find(const std::string& key) const;
  bool contains(const std::string& key) const { return index_.contains(key); }
  void erase(const std::string& key);

  size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  std::vector<std::string> keys() const;
  std::vector<Tensor> tensors() const;
  int64_t element_count() const;

  /// The part below `prefix` ("down_blocks.0."), with the prefix taken off. Tensors are shared.
  Weights below(const std::string& prefix) const;
  /// All of it, `prefix` put before each key. Tensors are shared.
  Weights under(const std::string& prefix) const;

 private:
  std::vector<Item> items_;
  std::map<std::string, size_t> index_;
};

}  // namespace mezzotint
