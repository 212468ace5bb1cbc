#include <cmath>
#include <map>
#include <optional>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/io/weights_folder.h"
#include "mezzotint/pipelines/lora_file.h"
#include "mezzotint/pipelines/lora_keys.h"
#include "mezzotint/pipelines/lora_scales.h"

namespace mezzotint {
namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr const char* kConfig = "adapter_config.json";
constexpr const char* kDiffusersStem = "pytorch_lora_weights";

/// What a file holds of one layer.
struct Layer {
  Tensor a, b, alpha;
};

Tensor as_float(const std::string& key, const Tensor& tensor, const std::string& where) {
  MEZZO_CHECK(tensor.is_floating_point(), where, ": ", key, " holds ", tensor.dtype().name(),
              ", wanted floating point");
  return tensor.to(tensor.options().dtype(at::kFloat), false, /*copy=*/true,
                   at::MemoryFormat::Contiguous);
}

void check_shapes(const std::string& module, const Layer& layer, const std::string& where) {
  MEZZO_CHECK(layer.a.defined() && layer.b.defined(), where, ": ", module, " has ",
              layer.a.defined()   ? "lora_A"
              : layer.b.defined() ? "lora_B"
                                  : "alpha",
              " alone, wanted lora_A and lora_B");
  const bool match = (layer.a.dim() == 2 || layer.a.dim() == 4) && layer.b.dim() == layer.a.dim() &&
                     layer.a.numel() > 0 && layer.b.numel() > 0 &&
                     layer.a.size(0) == layer.b.size(1);
  MEZZO_CHECK(match, where, ": ", module, ": lora_A is ", layer.a.sizes(), " and lora_B ",
              layer.b.sizes(), ", wanted [rank, in] and [out, rank], or those of convolutions");
}

/// alpha / rank by the tensor `alpha`, else by the configuration, else 1 as in diffusers.
double scale_of(const std::string& module, const Layer& layer,
                const std::optional<LoraScales>& scales, const std::string& where) {
  const int64_t rank = layer.a.size(0);
  if (!layer.alpha.defined()) return scales ? scales->scale(module, rank) : 1;
  MEZZO_CHECK(layer.alpha.numel() == 1, where, ": ", module, ": alpha is ", layer.alpha.sizes(),
              ", wanted one number");
  const auto alpha = layer.alpha.item<double>();
  MEZZO_CHECK(std::isfinite(alpha), where, ": ", module, ": alpha is ", alpha);
  return alpha / static_cast<double>(rank);
}

LoraAdapter adapter_of(const Weights& weights, const std::optional<LoraScales>& scales,
                       const std::string& where) {
  std::map<std::string, Layer> layers;
  std::vector<std::string> order;
  for (const auto& [key, tensor] : weights) {
    const LoraKey place = parse_lora_key(key, where);
    const auto [layer, fresh] = layers.try_emplace(place.module);
    if (fresh) order.push_back(place.module);
    Tensor& part = place.part == LoraPart::kA   ? layer->second.a
                   : place.part == LoraPart::kB ? layer->second.b
                                                : layer->second.alpha;
    MEZZO_CHECK(!part.defined(), where, ": holds ", key, " twice, under another name too");
    part = as_float(key, tensor, where);
  }
  MEZZO_CHECK(!layers.empty(), where, ": holds no tensors");
  LoraAdapter adapter;
  for (const std::string& module : order) {
    const Layer& layer = layers.at(module);
    check_shapes(module, layer, where);
    adapter.set(module, {layer.a, layer.b, scale_of(module, layer, scales, where)});
  }
  return adapter;
}

/// The configuration that diffusers keeps in the file: "unet.r", "unet.lora_alpha", ...
json config_in(const fs::path& file) {
  if (file.extension() != ".safetensors") return nullptr;
  const auto metadata = read_safetensors(file).metadata;
  const auto found = metadata.find("lora_adapter_metadata");
  if (found == metadata.end()) return nullptr;
  const json all = parse_json(found->second, file.string() + ": lora_adapter_metadata");
  json config = json::object();
  if (all.is_object())
    for (const auto& [key, value] : all.items())
      if (key.starts_with("unet.")) config[key.substr(5)] = value;
  if (config.empty()) return nullptr;
  if (!config.contains("peft_type")) config["peft_type"] = "LORA";
  return config;
}

LoraFile load_file(const fs::path& file) {
  LoraFile loaded;
  loaded.path = file;
  loaded.config = config_in(file);
  std::optional<LoraScales> scales;
  if (!loaded.config.is_null()) scales.emplace(loaded.config, file.string());
  loaded.adapter = adapter_of(read_weights_file(file), scales, file.string());
  return loaded;
}

LoraFile load_peft_folder(const fs::path& folder) {
  LoraFile loaded;
  const fs::path config = folder / kConfig;
  loaded.config = read_json(config);
  const LoraScales scales(loaded.config, config.string());
  const Weights weights = read_weights_folder(folder, "", "adapter_model");
  loaded.path = folder / "adapter_model.safetensors";
  if (!fs::exists(loaded.path)) loaded.path = folder / "adapter_model.bin";
  loaded.adapter = adapter_of(weights, scales, loaded.path.string());
  return loaded;
}

}  // namespace

LoraFile load_lora(const fs::path& path) {
  MEZZO_CHECK(fs::exists(path), path.string(), ": no such adapter");
  if (!fs::is_directory(path)) return load_file(path);
  if (fs::exists(path / kConfig)) return load_peft_folder(path);
  for (const char* ending : {".safetensors", ".bin"})
    if (const fs::path file = path / (std::string(kDiffusersStem) + ending); fs::exists(file))
      return load_file(file);
  if (fs::exists(path / "adapter" / kConfig)) return load_peft_folder(path / "adapter");
  fail(path.string(), ": is no adapter; wanted a folder with ", kConfig, " (peft) or ",
       kDiffusersStem, ".safetensors (diffusers)");
}

}  // namespace mezzotint
