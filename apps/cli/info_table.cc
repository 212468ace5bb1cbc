#include "apps/cli/info_table.h"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"

#include "apps/cli/console.h"
#include "apps/cli/labels.h"
#include "apps/cli/progress.h"

namespace mezzotint::cli {
namespace {

using nlohmann::json;

std::string with_separators(int64_t number) {
  std::string text = std::to_string(number);
  for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3)
    text.insert(static_cast<size_t>(place), ",");
  return text;
}

std::string one_decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

void print_row(const char* name, const std::string& value) {
  if (!value.empty()) print("%-12s %s\n", name, value.c_str());
}

/// "32 x 32", "8 x 12", or "of any size"; height first.
std::string pixels_in_words(const json& size) {
  return size.at(0) > 0 ? concat(size.at(0), " x ", size.at(1)) : "of any size";
}

/// "DownBlock2D 32, AttnDownBlock2D 64; ..." from the two lists of types and the channels.
std::string blocks_in_words(const json& unet) {
  const auto channels = unet.at("block_out_channels").get<std::vector<int64_t>>();
  const auto side = [&](const char* key, bool up) {
    std::vector<std::string> words;
    for (const json& type : unet.at(key)) {
      const size_t i = up ? channels.size() - 1 - words.size() : words.size();
      words.push_back(concat(type.get<std::string>(), " ", channels.at(i)));
    }
    return joined(words);
  };
  const json mid = unet.value("mid_block_type", json());
  return concat(side("down_block_types", false), "; ",
                mid.is_string() ? mid.get<std::string>() + "; " : "", side("up_block_types", true));
}

std::string scheduler_in_words(const json& document) {
  const json& scheduler = document.at("scheduler");
  return concat(document.at("sampled_with").get<std::string>(), ", ",
                scheduler.value("num_train_timesteps", 1000), " timesteps, betas ",
                scheduler.value("beta_schedule", "linear"), ", predicts ",
                scheduler.value("prediction_type", "epsilon"));
}

void print_forecast(const json& cost) {
  const auto number = [&](const char* key) { return cost.at(key).get<double>(); };
  print_row("network",
            concat(one_decimal(number("flops_per_picture") / 1e9), " GFLOP a picture and step at ",
                   cost["height"], " x ", cost["width"]));
  print_row("memory",
            concat("batch ", cost["batch"], ": about ", static_cast<int64_t>(number("sampling_mb")),
                   " MB to sample, ", static_cast<int64_t>(number("training_mb")), " MB to train (",
                   static_cast<int64_t>(number("training_checkpointed_mb")),
                   " with --gradient-checkpointing)"));
  if (!cost.contains("seconds")) return;
  print_row("time",
            concat("batch ", cost["batch"], ": about ", duration_text(number("seconds_per_step")),
                   " a step, ", duration_text(number("seconds")), " for ",
                   counted(cost["steps"].get<int64_t>(), "step"), ", ",
                   duration_text(number("seconds_per_update")), " a training step (",
                   one_decimal(number("measured_gflops")), " GFLOP/s, timed just now)"));
}

void print_diffusion(const json& document) {
  const json& unet = document.at("unet");
  print_row("pictures", concat(pixels_in_words(document.at("sample_size")), ", ",
                               counted(document.at("image_channels").get<int64_t>(), "channel")));
  if (const int64_t classes = document.at("classes"); classes > 0)
    print_row("classes", classes_in_words(document.at("class_names"), classes));
  print_row("blocks", blocks_in_words(unet));
  print_row("layers", unet.at("layers_per_block").dump() + " a block, one more on the way up");
  print_row("scheduler", scheduler_in_words(document));
}

/// "3 blocks of 128, 4 heads".
std::string tower_in_words(const json& tower) {
  return concat(counted(tower.at("num_hidden_layers").get<int64_t>(), "block"), " of ",
                tower.at("hidden_size"), ", ",
                counted(tower.at("num_attention_heads").get<int64_t>(), "head"));
}

void print_clip(const json& document) {
  const json &config = document.at("config"), &pictures = config.at("vision_config"),
             &texts = config.at("text_config");
  print_row("pictures",
            concat(pictures.at("image_size"), " x ", pictures.at("image_size"), " in patches of ",
                   pictures.at("patch_size"), "; ", tower_in_words(pictures)));
  print_row("texts", concat("up to ", texts.at("max_position_embeddings"), " tokens of ",
                            with_separators(texts.at("vocab_size")), "; ", tower_in_words(texts)));
  print_row("embeddings", concat(config.at("projection_dim"), " numbers"));
}

void print_classifier(const json& document) {
  const json& config = document.at("config");
  print_row("pictures",
            "of any size, " + counted(config.at("in_channels").get<int64_t>(), "channel"));
  print_row("classes", classes_in_words(config.at("class_names"), config.at("num_classes")));
  std::vector<std::string> channels;
  for (const json& count : config.at("block_out_channels")) channels.push_back(count.dump());
  print_row("blocks", "residual, " + joined(channels));
}

void print_lora(const json& document) {
  std::vector<std::string> layers;
  for (const auto& [name, count] : document.at("layers").items())
    layers.push_back(concat(count, " ", name));
  print_row("layers", joined(layers));
  const json& scale = document.at("scale");
  print_row("rank",
            concat(document.at("rank").get<std::string>(), ", counts ", scale.at(0),
                   scale.at(0) == scale.at(1) ? "" : concat(" to ", scale.at(1)), " times"));
  print_row("made for", document.at("base_model"));
}

/// What --lora added.
void print_loras(const json& loras) {
  for (const json& lora : loras)
    print_row("adapter", concat(lora.at("path").get<std::string>(), ", ", lora.at("scale"),
                                " times, rank ", lora.at("rank").get<std::string>(), " in ",
                                counted(lora.at("layers").get<int64_t>(), "layer")));
}

std::string kind_in_words(const json& document) {
  const std::string kind = document.at("kind");
  if (kind == "diffusion") return "diffusion, " + document.at("pipeline").get<std::string>();
  if (kind == "lora") return "adapter of a diffusion model (LoRA); add it by --lora";
  return kind + "; judges pictures in `guide`";
}

}  // namespace

void print_info_table(const json& document) {
  const std::string kind = document.at("kind");
  print_row("model", document.at("path"));
  print_row("kind", kind_in_words(document));
  print_row("licence", document.at("licence"));
  print_row("parameters",
            concat(with_separators(document.at("parameters")), ", ",
                   one_decimal(document.at("bytes_fp32").get<double>() / 1e6), " MB in float32"));
  if (kind == "clip")
    print_clip(document);
  else if (kind == "classifier")
    print_classifier(document);
  else if (kind == "lora")
    print_lora(document);
  else
    print_diffusion(document);
  if (document.contains("loras")) print_loras(document.at("loras"));
  for (const auto& [name, bytes] : document.at("files").items())
    print_row("file", concat(name, ", ", with_separators(bytes), " bytes"));
  print_row("sha256", document.at("sha256"));
  if (document.contains("forecast")) print_forecast(document.at("forecast"));
}

}  // namespace mezzotint::cli
