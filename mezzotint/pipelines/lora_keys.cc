#include "mezzotint/pipelines/lora_keys.h"

#include <string_view>
#include <utility>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

/// Parts of keys that only one variant has.
constexpr std::pair<const char*, const char*> kVariants[] = {
    {"lora_magnitude_vector", "DoRA"},
    {"dora_scale", "DoRA"},
    {"hada_w", "LoHa"},
    {"lokr_w", "LoKr"},
    {"oft_", "OFT"},
    {"ia3_l", "IA3"},
    {"vera_lambda", "VeRA"},
    {"lora_E", "AdaLoRA"},
    {"lora_embedding_", "LoRA of a table"},
    {"lora_mid", "LoCon with a core between A and B"},
    {"lora_t2", "LoCon with a core between A and B"},
    {"lora_A.bias", "LoRA with biases"},
    {"lora_B.bias", "LoRA with biases"},
    {"lora_up.bias", "LoRA with biases"},
};

constexpr std::pair<const char*, LoraPart> kEndings[] = {
    {".lora_A.weight", LoraPart::kA},    {".lora_B.weight", LoraPart::kB},
    {".lora.down.weight", LoraPart::kA}, {".lora.up.weight", LoraPart::kB},
    {".lora_down.weight", LoraPart::kA}, {".lora_up.weight", LoraPart::kB},
    {"_lora.down.weight", LoraPart::kA}, {"_lora.up.weight", LoraPart::kB},
    {".alpha", LoraPart::kAlpha},
};

void refuse_variants(const std::string& key, const std::string& where) {
  for (const auto& [mark, name] : kVariants)
    MEZZO_CHECK(key.find(mark) == std::string::npos, where, ": is ", name, " (it holds ", key,
                "); only plain LoRA is read");
  MEZZO_CHECK(!key.starts_with("lora_unet_") && !key.starts_with("lora_te"), where,
              ": has kohya's names (", key, "); convert it to diffusers' names");
  MEZZO_CHECK(!key.starts_with("text_encoder"), where, ": changes a text encoder (", key,
              "), which these models don't have");
}

/// "X.processor.to_q" -> "X.to_q", as the attention of diffusers' first releases held its adapters.
std::string without_processor(std::string module) {
  constexpr std::string_view kProcessor = ".processor.";
  const size_t at = module.find(kProcessor);
  if (at == std::string::npos) return module;
  module.replace(at, kProcessor.size(), ".");
  return module.ends_with(".to_out") ? module + ".0" : module;
}

}  // namespace

LoraKey parse_lora_key(const std::string& key, const std::string& where) {
  refuse_variants(key, where);
  std::string_view module = key;
  for (const std::string_view prefix : {"base_model.model.", "unet."})
    if (module.starts_with(prefix)) module.remove_prefix(prefix.size());
  for (const auto& [ending, part] : kEndings)
    if (module.ends_with(ending) && module.size() > std::string_view(ending).size()) {
      module.remove_suffix(std::string_view(ending).size());
      return {without_processor(std::string(module)), part};
    }
  fail(where, ": holds ", key, ", which is no part of a LoRA adapter (lora_A, lora_B, alpha)");
}

}  // namespace mezzotint
