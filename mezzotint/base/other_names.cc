#include "mezzotint/base/other_names.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace mezzotint {
namespace {

struct OtherName {
  std::string_view there, here;
};

// One name may stand for several here: of a file, of options, of verbs that sample.
constexpr std::array kOtherNames = std::to_array<OtherName>({
    {"learning_rate", "lr"},
    {"train_batch_size", "batch_size"},
    {"train_batch_size", "batch"},
    {"per_device_train_batch_size", "batch_size"},
    {"num_train_epochs", "num_epochs"},
    {"max_train_epochs", "num_epochs"},
    {"epochs", "num_epochs"},
    {"max_steps", "max_train_steps"},
    {"gradient_accumulation_steps", "grad_accumulation_steps"},
    {"accumulate_grad_batches", "grad_accumulation_steps"},
    {"lr_scheduler", "lr_schedule"},
    {"lr_scheduler_type", "lr_schedule"},
    {"lr_warmup_steps", "warmup"},
    {"warmup_steps", "warmup"},
    {"weight_decay", "adam_weight_decay"},
    {"gradient_clip_val", "max_grad_norm"},
    {"use_ema", "ema"},
    {"min_snr_gamma", "snr_gamma"},
    {"resolution", "image_size"},
    {"resolution", "height"},
    {"random_flip", "horizontal_flip"},
    {"dataset", "data"},
    {"train_data_dir", "data"},
    {"output_dir", "out"},
    {"pretrained_model_name_or_path", "init"},
    {"logging_steps", "log_every"},
    {"validation_steps", "validate_every"},
    {"eval_steps", "validate_every"},
    {"save_steps", "save_model_every"},
    {"checkpointing_steps", "save_model_every"},
    {"save_total_limit", "keep_checkpoints"},
    {"checkpoints_total_limit", "keep_checkpoints"},
    {"network_dim", "lora_rank"},
    {"network_dim", "rank"},
    {"num_inference_steps", "steps"},
    {"num_inference_steps", "sample_steps"},
});

/// "--Batch-Size" -> "batch_size".
std::string plain(std::string_view word) {
  std::string out(word.starts_with("--") ? word.substr(2) : word);
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return c == '-' ? '_' : static_cast<char>(std::tolower(c));
  });
  return out;
}

}  // namespace

std::string name_here(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string there = plain(word);
  for (const OtherName& known : kOtherNames) {
    if (known.there != there) continue;
    for (const std::string& candidate : candidates)
      if (plain(candidate) == known.here) return candidate;
  }
  return "";
}

}  // namespace mezzotint
