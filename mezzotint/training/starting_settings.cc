#include "mezzotint/training/starting_settings.h"

#include "mezzotint/base/error.h"
#include "mezzotint/training/presets.h"

namespace mezzotint {

RunConfig finetune_settings(const std::string& preset) {
  RunConfig config;  // AdamW, lr 1e-5, 2 epochs, batch 4, 2 micro-batches an update
  config.training.lr = 1e-5;
  config.training.num_epochs = 2;
  config.training.batch_size = 4;
  config.training.grad_accumulation_steps = 2;
  if (preset.empty()) return config;
  const Preset& chosen = Registry<Preset>::at("preset", preset);
  if (!chosen.for_pretrained)
    fail_usage("--preset ", preset, ": begins from scratch; it is for `mezzotint train`");
  overlay(config, chosen.values, "preset " + preset);
  return config;
}

RunConfig train_settings(const std::string& preset, bool pretrained) {
  const Preset& chosen = Registry<Preset>::at("preset", preset);
  if (chosen.for_pretrained && !pretrained)
    fail_usage("--preset ", preset, ": goes on from a pretrained pipeline; give --init MODEL");
  nlohmann::json values = chosen.values;
  if (pretrained) {
    for (const char* key : {"model", "scheduler", "class_conditional", "class_emb_size"})
      values.erase(key);
    for (const char* key : {"height", "width", "channels"}) values["transform"].erase(key);
  }
  RunConfig config;
  overlay(config, values, "preset " + preset);
  return config;
}

std::string preset_of_recipe(const std::string& recipe) {
  if (recipe == "clip") return "clip-emoji";
  return recipe == "classifier" ? "classifier" : "emoji-32";
}

}  // namespace mezzotint
