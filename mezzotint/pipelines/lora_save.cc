#include <algorithm>
#include <cmath>

#include "mezzotint/io/files.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/pipelines/lora_file.h"

namespace mezzotint {
namespace fs = std::filesystem;

namespace {

using nlohmann::json;

/// Whole where it is, as people write alpha.
json number(double value) {
  constexpr double kMost = 1e15;
  if (std::abs(value) > kMost || std::floor(value) != value) return value;
  return static_cast<int64_t>(value);
}

json alpha_of(const ops::LowRank& change) {
  return number(change.scale * static_cast<double>(change.a.size(0)));
}

json peft_config(const LoraAdapter& adapter, const std::string& base_model) {
  const ops::LowRank& first = adapter.begin()->second;
  const int64_t rank = first.a.size(0);
  const json alpha = alpha_of(first);
  json modules = json::array(), ranks = json::object(), alphas = json::object();
  for (const auto& [module, change] : adapter) {
    modules.push_back(module);
    if (change.a.size(0) != rank) ranks[module] = change.a.size(0);
    if (const json other = alpha_of(change); other != alpha) alphas[module] = other;
  }
  return {
      {"peft_type", "LORA"},
      {"auto_mapping",
       {{"base_model_class", "UNet2DModel"}, {"parent_library", "diffusers.models.unets.unet_2d"}}},
      {"base_model_name_or_path", base_model.empty() ? json() : json(base_model)},
      {"task_type", nullptr},
      {"inference_mode", true},
      {"r", rank},
      {"lora_alpha", alpha},
      {"target_modules", modules},
      {"rank_pattern", ranks},
      {"alpha_pattern", alphas},
      {"lora_dropout", 0.0},
      {"bias", "none"},
      {"fan_in_fan_out", false},
      {"init_lora_weights", true},
      {"use_rslora", false},
      {"use_dora", false}};
}

}  // namespace

std::string LoraFile::ranks() const {
  std::vector<int64_t> all;
  for (const auto& [module, change] : adapter) all.push_back(change.a.size(0));
  const auto [least, most] = std::ranges::minmax(all);
  return least == most ? std::to_string(least) : concat(least, " to ", most);
}

std::string LoraFile::base_model() const {
  const json name = config.is_object() ? config.value("base_model_name_or_path", json()) : json();
  return name.is_string() ? name.get<std::string>() : "";
}

void save_lora(const LoraAdapter& adapter, const std::string& base_model, const fs::path& folder) {
  MEZZO_CHECK(!adapter.empty(), "save_lora: the adapter changes nothing");
  Weights weights;
  for (const auto& [key, tensor] : adapter.parameters())
    weights.set("base_model.model." + key, tensor.detach());
  write_folder_atomic(folder, [&](const fs::path& scratch) {
    write_json(scratch / "adapter_config.json", peft_config(adapter, base_model));
    write_safetensors(scratch / "adapter_model.safetensors", weights);
  });
}

}  // namespace mezzotint
