#pragma once

#include <filesystem>

#include "mezzotint/data/loader.h"
#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/training/learner.h"
#include "mezzotint/training/loss_by_timestep.h"
#include "mezzotint/training/objective.h"
#include "mezzotint/training/previews.h"
#include "mezzotint/training/timestep_sampler.h"

namespace mezzotint {

/// Where the pictures come from: batch (epoch, index) must always be the same, so that a run can go
/// on anywhere.
struct BatchSource {
  int64_t micro_batches_per_epoch = 0;
  std::function<Batch(int64_t epoch, int64_t index)> batch;
};
BatchSource batches_of(const Loader& loader);

/// A pipeline's network, and its class embedding where it has one, learning to denoise: for each
/// micro-batch noise and timesteps are drawn (objective.h). Of a network with an adapter the
/// adapter learns, and nothing else.
///
/// Streams: "noise", randn(x0.shape) for each micro-batch; "timesteps", as timestep_sampler.h says;
/// "dropout", what the network's dropout layers draw from; with label_dropout "label_dropout",
/// rand([B]), whose small numbers take a picture's class away; with noise_offset "noise_offset",
/// randn([B, C, 1, 1]); with input_perturbation "input_perturbation", randn(x0.shape). Each is
/// torch.Generator().manual_seed(stream_seed(seed, name)).
class DenoisingLearner : public Learner {
 public:
  struct Place {
    std::filesystem::path samples;  ///< the folder for pictures; empty: none are drawn
    int64_t height = 0;             ///< of the pictures
    int64_t width = 0;
    BatchSource held_out;  ///< pictures to validate on; may be empty
  };
  /// @param pipeline is trained in place; it outlives this. With label_dropout it has a
  /// null_label().
  DenoisingLearner(const Pipeline& pipeline, BatchSource source, const TrainConfig& config,
                   const Place& place);
  ~DenoisingLearner() override;
  DenoisingLearner(const DenoisingLearner&) = delete;
  DenoisingLearner& operator=(const DenoisingLearner&) = delete;

  const Weights& parameters() const override { return parameters_; }
  std::map<std::string, RandomStream> streams() const override { return streams_; }
  Weights state() const override;
  int64_t micro_batches_per_epoch() const override { return source_.micro_batches_per_epoch; }
  MicroBatch micro_batch(int64_t epoch, int64_t index) override;
  void set_training(bool on) override;
  bool has_shown(const Position& at, bool raw) const override;
  /// Pictures "samples", and at the end "before_after".
  void show(const Showing& showing) override;
  /// Numbers "loss_at/000-099" and so on, the mean squared error of each tenth of the timesteps
  /// that was drawn; "stratified_loss", their mean; "snr_loss", the mean with min-SNR weights.
  void report(const Log& log) override;
  /// Numbers "validation_loss", of pictures and noise that are always the same, at timesteps spread
  /// evenly, and "validation_loss_at/000-099" and so on.
  void validate(const CancelToken& cancel, const Log& log) override;

 private:
  Batch with_labels_dropped(Batch batch);
  Noisy noisy(const Tensor& x0_bchw, const Tensor& timesteps_b);
  Predict predict(const Tensor& label_b) const;
  std::string where_broken(const Noisy& noisy, const Tensor& label_b, const Tensor& losses_b) const;

  const Pipeline& pipeline_;
  TrainConfig config_;
  BatchSource source_, held_out_;
  Weights parameters_;
  Objective objective_;
  std::unique_ptr<TimestepSampler> sampler_;
  LossByTimestep seen_;  ///< since the last report
  Tensor snr_sums_;      ///< [2] float64: errors with min-SNR weights since then, and pictures
  Previews previews_;
  bool shows_;
  std::map<std::string, RandomStream> streams_;
};

/// The pipeline's parameters under the keys of a checkpoint ("unet.KEY", "class_emb.weight"), or
/// those of its network's adapter alone ("unet.MODULE.lora_A.weight"); each requires a gradient
/// from now on, but for the frequencies of a Fourier time embedding, which don't learn in diffusers
/// either.
Weights trainable_parameters(const Pipeline& pipeline);

}  // namespace mezzotint
