#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mezzotint/base/weights.h"
#include "mezzotint/ops/low_rank.h"

namespace mezzotint {

/// Changes of low rank of a network's weights (LoRA; Hu et al. 2021, arXiv:2106.09685; of
/// convolutions as in peft's lora.Conv2d and LyCORIS' LoCon), by the names of the layers
/// ("down_blocks.1.attentions.0.to_q"). Tensors are shared, not copied.
class LoraAdapter {
 public:
  using Item = std::pair<std::string, ops::LowRank>;

  /// Adds or replaces. The change is defined.
  void set(const std::string& module, ops::LowRank change);
  /// An undefined one where the adapter leaves the layer as it is.
  ops::LowRank find(const std::string& module) const;

  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  /// A and B of each layer under peft's names: MODULE.lora_A.weight, MODULE.lora_B.weight.
  Weights parameters() const;

 private:
  std::vector<Item> items_;
  std::map<std::string, size_t> index_;
};

/// The layers of a network that an adapter can change: linear ones and convolutions, those whose
/// weight is a matrix or a kernel and that have a bias.
/// @param parameters the network's, under the keys of its state_dict.
std::vector<std::string> adaptable_modules(const Weights& parameters);

/// @throws Error naming `what`, the layer and the shapes, when a change is of no layer of the
/// network or of another shape than its weight.
void check_fits(const LoraAdapter& adapter, const Weights& parameters, const std::string& what);

/// W += strength scale B A of each layer, in place: from then on the network computes what it would
/// with the adapter beside it. Several adapters add up. @param strength any number; below 0 it
/// takes away. @throws Error as check_fits() does, before anything has changed.
void merge_into(const Weights& parameters, const LoraAdapter& adapter, double strength,
                const std::string& what);

/// Copies of the parameters, changed where the adapter changes them and shared where it doesn't.
Weights merged_weights(const Weights& parameters, const LoraAdapter& adapter);

}  // namespace mezzotint
