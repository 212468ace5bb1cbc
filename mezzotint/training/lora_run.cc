#include "mezzotint/training/lora_run.h"

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/models/lora_start.h"
#include "mezzotint/pipelines/lora_file.h"
#include "mezzotint/pipelines/weights_hash.h"
#include "mezzotint/training/denoising_learner.h"

namespace mezzotint {
namespace {

constexpr const char* kBaseHash = "base_sha256";

}  // namespace

void start_adapter(Pipeline& pipeline, RunConfig& config) {
  const Weights& weights = pipeline.unet->parameters();
  const std::string base = weights_sha256(weights),
                    begun_with = config.pipeline.value(kBaseHash, base);
  MEZZO_CHECK(base == begun_with, config.init,
              ": isn't the model that the run began with: sha256 of its weights is ",
              base.substr(0, 10), "..., wanted ", begun_with.substr(0, 10),
              "...; put that model there again");
  const LoraAdapter adapter =
      start_lora(weights, config.lora, RandomStream(stream_seed(config.training.seed, "lora")));
  pipeline.unet = std::make_shared<UNet2DModel>(pipeline.unet->config(), weights, adapter);
  config.pipeline[kBaseHash] = base;
}

void save_adapted(const Pipeline& pipeline, const std::string& base_model,
                  const std::optional<Ema>& ema, const std::filesystem::path& folder) {
  const LoraAdapter& adapter = pipeline.unet->adapter();
  const std::filesystem::path beside = folder.parent_path();
  if (ema) save_lora(adapter, base_model, beside / "adapter_non_ema");
  const UseAverage average(ema ? &*ema : nullptr, trainable_parameters(pipeline));
  save_lora(adapter, base_model, beside / "adapter");
  save_pipeline(pipeline, folder);
}

std::string adapter_in_words(const LoraAdapter& adapter, const LoraConfig& config) {
  return concat("adapter: rank ", config.rank, " in ", counted(adapter.size(), "layer"), ", ",
                in_millions(adapter.parameters().element_count()),
                " parameters learn; the network's don't");
}

}  // namespace mezzotint
