#pragma once

#include <string>

namespace mezzotint {

/// What a tensor in a file of an adapter is of its layer.
enum class LoraPart { kA, kB, kAlpha };

struct LoraKey {
  std::string module;  ///< the layer's name in the network
  LoraPart part;
};

/// Reads the names that peft ("base_model.model.MODULE.lora_A.weight"), diffusers
/// ("unet.MODULE.lora_A.weight", in earlier releases "MODULE.lora.down.weight" and
/// "MODULE.processor.to_q_lora.down.weight") and others ("MODULE.lora_down.weight", "MODULE.alpha")
/// give. @throws Error naming `where` for a tensor of a variant of LoRA, by the variant's name, and
/// for any other key.
LoraKey parse_lora_key(const std::string& key, const std::string& where);

}  // namespace mezzotint
