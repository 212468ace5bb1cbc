#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ops/arange.h>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "mezzotint/training/denoising_learner.h"
#include "mezzotint/training/trainer.h"

namespace mezzotint::testing {

/// A folder of its own, gone at the end of the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "mezzotint-training-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The net, data and recipe of tools/reference/training.py.
constexpr uint64_t kSeed = 3;
constexpr int64_t kEpochs = 5, kBatches = 7, kBatch = 4;

inline Pipeline tiny_pipeline(int64_t classes, const std::string& prediction_type = "epsilon") {
  const nlohmann::json config = {{"sample_size", 8},
                                 {"in_channels", classes > 0 ? 5 : 3},
                                 {"out_channels", 3},
                                 {"block_out_channels", {8, 16}},
                                 {"down_block_types", {"DownBlock2D", "AttnDownBlock2D"}},
                                 {"up_block_types", {"AttnUpBlock2D", "UpBlock2D"}},
                                 {"layers_per_block", 1},
                                 {"attention_head_dim", 4},
                                 {"norm_num_groups", 4}};
  RandomStream stream(stream_seed(kSeed, "weights"));
  Pipeline pipeline;
  if (classes > 0) {
    pipeline.class_name = "ClassConditionedDDPMPipeline";
    pipeline.class_emb = stream.randn({classes, 2});
  }
  pipeline.unet = std::make_shared<UNet2DModel>(config, stream);
  pipeline.scheduler_config = {{"_class_name", "DDPMScheduler"},
                               {"beta_schedule", "squaredcos_cap_v2"},
                               {"prediction_type", prediction_type}};
  return pipeline;
}

inline BatchSource tiny_batches(int64_t classes) {
  std::vector<Batch> batches;
  RandomStream stream(stream_seed(kSeed, "test data"));
  for (int64_t i = 0; i < kEpochs * kBatches; ++i) {
    Batch batch{stream.rand({kBatch, 3, 8, 8}) * 2 - 1, {}};
    if (classes > 0) batch.label_b = at::arange(kBatch, at::kLong).remainder(classes);
    batches.push_back(std::move(batch));
  }
  return {kBatches, [batches](int64_t epoch, int64_t index) {
            return batches.at(static_cast<size_t>(epoch * kBatches + index));
          }};
}

inline TrainConfig tiny_recipe() {
  TrainConfig config;
  config.seed = kSeed;
  config.batch_size = kBatch;
  config.num_epochs = kEpochs;
  config.grad_accumulation_steps = 2;
  config.lr = 2e-3;
  config.lr_schedule = "cosine";
  config.warmup = 3;
  config.max_grad_norm = 0.5;
  config.ema = true;
  config.ema_decay = 0.75;
  config.ema_warmup = true;
  config.ema_power = 0.75;
  config.sample_count = 2;
  config.sample_steps = 2;
  config.log_samples_every = 0;
  return config;
}

inline TrainOptions tiny_options(const TrainConfig& config) {
  TrainOptions options;
  options.config = config;
  return options;
}

/// Trains a pipeline; samples go below options.folder.
inline TrainResult train(const Pipeline& pipeline, const BatchSource& source,
                         const TrainOptions& options) {
  const std::filesystem::path& folder = options.folder;
  const DenoisingLearner::Place place = {folder.empty() ? folder : folder / "samples", 8, 8};
  DenoisingLearner learner(pipeline, source, options.config, place);
  return mezzotint::train(learner, options);
}

/// Keeps what is logged.
class Kept : public Logger {
 public:
  void log(const Record& record) override { records.push_back(record); }
  std::vector<double> numbers(const std::string& name) const {
    std::vector<double> found;
    for (const Record& record : records)
      if (record.name == name && record.number()) found.push_back(*record.number());
    return found;
  }
  std::vector<Record> records;
};

/// Raises the flag once `micro_batches` are done.
class StopAfter : public Logger {
 public:
  StopAfter(int64_t micro_batches, CancelToken cancel)
      : micro_batches_(micro_batches), cancel_(std::move(cancel)) {}
  void log(const Record& record) override {
    if (record.name == "loss" && record.at.micro_batch == micro_batches_) cancel_.cancel();
  }

 private:
  int64_t micro_batches_;
  CancelToken cancel_;
};

inline std::string training_data(const std::string& name) {
  return std::string(MEZZOTINT_TEST_DATA) + "/training/data/" + name;
}

/// training.json, written by tools/reference/training.py.
inline nlohmann::json reference() {
  std::ifstream file(training_data("training.json"));
  return nlohmann::json::parse(file);
}

/// The message of the Error that `run` throws.
template <class Run>
std::string error_of(const Run& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace mezzotint::testing
