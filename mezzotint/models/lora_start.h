#pragma once

#include <string>
#include <vector>

#include "mezzotint/base/random.h"
#include "mezzotint/models/lora_adapter.h"
#include "mezzotint/models/lora_config.h"

namespace mezzotint {

/// The layers that `targets` name, in the network's order. A name stands for every layer that has
/// it, or that ends in a dot and it ("to_q", "resnets.0.conv1"), or a pattern (base/wildcard.h).
/// "attention" stands for to_q, to_k, to_v and to_out.0, "conv" for conv1, conv2,
/// conv_shortcut and the convolutions of the samplers.
/// @throws Error (kUsage) for a target that names no layer of the network, with the nearest.
std::vector<std::string> lora_targets(const Weights& parameters,
                                      const std::vector<std::string>& targets);

/// An adapter that changes nothing yet, as peft starts one: B is zero, and A is drawn layer by
/// layer, in the network's order, as torch starts a layer of this shape
/// (kaiming_uniform_(a=sqrt(5))).
/// @param parameters the network's. @throws Error (kUsage) as validate() and lora_targets() do.
LoraAdapter start_lora(const Weights& parameters, const LoraConfig& config, RandomStream stream);

}  // namespace mezzotint
