#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mezzotint {

/// What an adapter of low rank is to be (LoRA; Hu et al. 2021, arXiv:2106.09685).
struct LoraConfig {
  int64_t rank = 0;
  double alpha = 0;
  std::vector<std::string> targets = {"attention", "conv"};

  /// What B A is multiplied with.
  double scale() const { return alpha > 0 ? alpha / static_cast<double>(rank) : 1; }

  void fields(auto& f) {
    f("rank", rank, "train an adapter of this rank beside the frozen network (0: the network)");
    f("alpha", alpha, "the adapter counts alpha / rank times (0: once)");
    f("targets", targets,
      "layers that get one: attention, conv (residual blocks, shortcuts, samplers), or names of "
      "layers, with * for anything");
  }
};

/// @throws Error (kUsage) naming the field, its value and what it may be.
void validate(const LoraConfig& config);

}  // namespace mezzotint
