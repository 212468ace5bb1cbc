#include "mezzotint/models/clip_config.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "mezzotint/base/fields.h"

namespace mezzotint {
namespace {

using nlohmann::json;

constexpr const char* kWhere = "CLIPModel config";

// Bounds far above any real model: a damaged file must not make the constructor run for hours.
constexpr int64_t kMostChannels = 1 << 16;
constexpr int64_t kMostLayers = 1 << 10;
constexpr int64_t kMostPixels = 1 << 14;
constexpr int64_t kMostRows = 1 << 24;

void check_range(const std::string& field, int64_t value, int64_t most) {
  MEZZO_CHECK(value >= 1 && value <= most, kWhere, ": ", field, ": got ", value, ", wanted 1 to ",
              most);
}

void check_tower(const std::string& tower, const CLIPTowerConfig& c) {
  check_range(tower + "hidden_size", c.hidden_size, kMostChannels);
  check_range(tower + "intermediate_size", c.intermediate_size, 4 * kMostChannels);
  check_range(tower + "num_hidden_layers", c.num_hidden_layers, kMostLayers);
  check_range(tower + "num_attention_heads", c.num_attention_heads, c.hidden_size);
  MEZZO_CHECK(c.hidden_size % c.num_attention_heads == 0, kWhere, ": ", tower, "hidden_size ",
              c.hidden_size, " can't be divided into ", c.num_attention_heads,
              " heads; change num_attention_heads");
  MEZZO_CHECK(c.layer_norm_eps > 0 && std::isfinite(c.layer_norm_eps), kWhere, ": ", tower,
              "layer_norm_eps: got ", c.layer_norm_eps, ", wanted a small number above 0");
  MEZZO_CHECK(c.attention_dropout == 0, kWhere, ": ", tower, "attention_dropout: got ",
              c.attention_dropout, ", wanted 0; other values aren't supported");
}

/// Keys that transformers writes into every configuration; they say nothing about the network.
bool is_bookkeeping(const std::string& key) {
  constexpr std::array kKeys = {"architectures", "dtype", "model_type", "torch_dtype",
                                "transformers_version"};
  return key.starts_with("_") || std::ranges::find(kKeys, key) != kKeys.end();
}

/// `NAME` of the file, under the fields that `NAME_dict` gives or gave their defaults.
template <class Tower>
json tower_json(const json& file, const std::string& name) {
  const auto object = [&](const std::string& key) {
    const json found = file.value(key, json());
    if (found.is_null()) return json::object();
    MEZZO_CHECK(found.is_object(), kWhere, ": ", key, ": got ", found.dump().substr(0, 80),
                ", wanted an object");
    return found;
  };
  json tower = object(name);
  if (const std::string older = name + "_dict"; !file.value(older, json()).is_null()) {
    tower.update(to_json(Tower()));
    tower.update(object(older));
  }
  return tower;
}

template <class Tower>
void read_tower(Tower& tower, const json& file, const std::string& name, const char* model_type,
                ReadCLIPConfig& read) {
  const json given = tower_json<Tower>(file, name);
  for (const std::string& key : from_json(tower, given, concat(kWhere, ": ", name)))
    if (!is_bookkeeping(key)) read.unknown_keys.push_back(concat(name, ".", key));
  json saved = to_json(tower);
  saved.update(given);
  saved["model_type"] = model_type;
  read.saved[name] = std::move(saved);
}

void check_model_type(const json& file) {
  const json type = file.value("model_type", json("clip"));
  if (type == "clip_vision_model" || type == "clip_text_model")
    fail(kWhere, ": model_type ", type.dump(), " is one tower alone; wanted a CLIPModel of both");
  MEZZO_CHECK(type == "clip", kWhere, ": model_type: got ", type.dump().substr(0, 80),
              ", wanted \"clip\"");
}

json without_towers(const json& file) {
  json rest = file;
  for (const char* key : {"text_config", "vision_config", "text_config_dict", "vision_config_dict"})
    rest.erase(key);
  return rest;
}

}  // namespace

void CLIPConfig::validate() const {
  check_tower("text_config: ", text_config);
  check_tower("vision_config: ", vision_config);
  check_range("projection_dim", projection_dim, kMostChannels);
  check_range("text_config: vocab_size", text_config.vocab_size, kMostRows);
  check_range("text_config: max_position_embeddings", text_config.max_position_embeddings,
              kMostRows);
  check_range("vision_config: num_channels", vision_config.num_channels, kMostChannels);
  check_range("vision_config: image_size", vision_config.image_size, kMostPixels);
  check_range("vision_config: patch_size", vision_config.patch_size, vision_config.image_size);
}

ReadCLIPConfig read_clip_config(const json& file) {
  try {
    MEZZO_CHECK(file.is_object(), kWhere, ": got ", file.dump().substr(0, 80),
                ", wanted an object");
    check_model_type(file);
    ReadCLIPConfig read;
    const json rest = without_towers(file);
    for (const std::string& key : from_json(read.config, rest, kWhere))
      if (!is_bookkeeping(key)) read.unknown_keys.push_back(key);
    read.saved = to_json(read.config);
    read.saved.update(rest);
    read_tower(read.config.text_config, file, "text_config", "clip_text_model", read);
    read_tower(read.config.vision_config, file, "vision_config", "clip_vision_model", read);
    read.config.validate();
    read.saved["architectures"] = {"CLIPModel"};
    read.saved["model_type"] = "clip";
    return read;
  } catch (const Error& error) {
    throw Error(error.what(), ErrorKind::kFailed);  // a file is wrong, not the command line
  }
}

}  // namespace mezzotint
