#include "mezzotint/pipelines/clip.h"

#include <array>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/weights_folder.h"
#include "mezzotint/models/clip_keys.h"
#include "mezzotint/models/open_clip_config.h"
#include "mezzotint/pipelines/clip_preprocessing.h"

namespace mezzotint {
namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr const char* kConfig = "config.json";
constexpr const char* kOpenClipConfig = "open_clip_config.json";

/// The activation of both towers, in a configuration of any age.
void set_hidden_act(json& config, const std::string& hidden_act) {
  for (const char* tower :
       {"text_config", "vision_config", "text_config_dict", "vision_config_dict"}) {
    const bool older = std::string_view(tower).ends_with("_dict");
    if (!config.contains(tower) || config[tower].is_null()) {
      if (older) continue;
      config[tower] = json::object();
    }
    if (config[tower].is_object()) config[tower]["hidden_act"] = hidden_act;
  }
}

void make_model(json config, const Weights& weights, const ClipLoadOptions& options, Clip& clip) {
  if (!options.hidden_act.empty() && config.is_object()) set_hidden_act(config, options.hidden_act);
  Weights placed;
  for (const auto& [key, tensor] : weights) placed.set(key, tensor.to(options.device));
  try {
    clip.model = std::make_shared<CLIPModel>(config, placed);
  } catch (const Error& error) {
    throw Error(clip.path.string() + ": " + error.what(), error.kind());
  }
}

bool has_any(const fs::path& folder, std::initializer_list<const char*> beginnings) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::string ending = entry.path().extension().string();
    if (ending != ".safetensors" && ending != ".bin" && !name.ends_with(".index.json")) continue;
    for (const char* beginning : beginnings)
      if (name.starts_with(beginning)) return true;
  }
  return false;
}

/// Whether the folder is transformers' rather than open_clip's, where it may be both.
bool is_transformers(const fs::path& folder) {
  if (!fs::exists(folder / kOpenClipConfig)) return true;
  if (!fs::exists(folder / kConfig) || !has_any(folder, {"model.", "model-", "pytorch_model"}))
    return false;
  const json config = read_json(folder / kConfig);
  return config.is_object() && config.value("model_type", json()) == "clip";
}

/// In the folder itself, or where a pipeline of diffusers has it.
ClipTokenizerFiles find_tokenizer(const fs::path& folder, ClipCleaning cleaning) {
  ClipTokenizerFiles files;
  files.cleaning = cleaning;
  for (const fs::path& place : {folder / "tokenizer", folder})
    for (auto [name, path] : {std::pair{"vocab.json", &files.vocab},
                              {"merges.txt", &files.merges},
                              {"tokenizer.json", &files.tokenizer}})
      if (fs::exists(place / name)) *path = place / name;
  return files;
}

void load_transformers(const fs::path& folder, const ClipLoadOptions& options, Clip& clip) {
  const fs::path file = folder / kConfig;
  MEZZO_CHECK(!fs::exists(folder / "model_index.json"), folder.string(),
              ": is a pipeline, which makes pictures; wanted a CLIP");
  MEZZO_CHECK(fs::exists(file), folder.string(), ": has neither ", kConfig, " nor ",
              kOpenClipConfig, "; wanted a CLIP's folder of transformers or open_clip, or a file");
  make_model(read_json(file), read_weights_folder(folder, options.variant, "model"), options, clip);
  if (const auto& unknown = clip.model->unknown_keys(); !unknown.empty())
    clip.warnings.push_back(concat(file.string(), ": ", counted(unknown.size(), "unknown key"),
                                   " kept without effect (", unknown[0],
                                   unknown.size() > 1 ? ", ...)" : ")"));
  read_preprocessor_config(folder, clip);
  clip.tokenizer_files = find_tokenizer(folder, ClipCleaning::kTransformers);
}

void load_open_clip(const fs::path& folder, const ClipLoadOptions& options, Clip& clip) {
  const fs::path file = folder / kOpenClipConfig;
  const json config = read_json(file);
  MEZZO_CHECK(config.is_object() && config.contains("model_cfg"), file.string(),
              ": has no model_cfg");
  json model_config;
  try {
    model_config = clip_config_from_open_clip(config.at("model_cfg"));
  } catch (const Error& error) {
    throw Error(file.string() + ": " + error.what(), error.kind());
  }
  make_model(model_config, read_weights_folder(folder, options.variant, "open_clip_model"), options,
             clip);
  read_open_clip_preprocessing(config.value("preprocess_cfg", json()), file.string(), clip);
  clip.tokenizer_files = find_tokenizer(folder, ClipCleaning::kOpenClip);
}

void load_file(const fs::path& file, const ClipLoadOptions& options, Clip& clip) {
  const Weights weights = read_weights_file(file);
  const bool openai = is_openai_clip(weights);
  const Weights renamed = rename_clip_weights(weights);
  json config;
  try {
    config = clip_config_from_shapes(renamed, openai ? "quick_gelu" : "gelu");
  } catch (const Error& error) {
    throw Error(file.string() + ": " + error.what(), error.kind());
  }
  if (!openai && options.hidden_act.empty())
    clip.warnings.push_back(file.string() +
                            ": doesn't say its activation; taking gelu (OpenAI's weights, and "
                            "models named quickgelu, need quick_gelu)");
  make_model(config, renamed, options, clip);
  take_openai_preprocessing(clip);
  clip.tokenizer_files = find_tokenizer(file.parent_path(), ClipCleaning::kOpenClip);
}

}  // namespace

Clip load_clip(const fs::path& path, const ClipLoadOptions& options) {
  MEZZO_CHECK(fs::exists(path), path.string(), ": no such file or folder");
  if (const std::string& act = options.hidden_act;
      !act.empty() && act != "gelu" && act != "quick_gelu")
    fail_usage("hidden_act: unknown value '", act, "'", did_you_mean(act, {"gelu", "quick_gelu"}),
               "; known: gelu, quick_gelu");
  Clip clip;
  clip.path = path;
  if (!fs::is_directory(path))
    load_file(path, options, clip);
  else if (is_transformers(path))
    load_transformers(path, options, clip);
  else
    load_open_clip(path, options, clip);
  return clip;
}

}  // namespace mezzotint
