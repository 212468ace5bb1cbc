#include "mezzotint/training/denoising_learner.h"

#include <cmath>
#include <sstream>

#include "mezzotint/base/error.h"
#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {
namespace {

Objective objective_of(const Pipeline& pipeline, const TrainConfig& config) {
  // Every scheduler reads the same schedule out of a configuration; DDPM's is the one that training
  // is defined with.
  const SchedulerPtr ddpm = make_scheduler("ddpm", pipeline.scheduler_config, 0);
  return {ddpm->alphas_cumprod(), pipeline.scheduler_config.value("prediction_type", "epsilon"),
          config.snr_gamma};
}

/// The timesteps of the pictures whose loss isn't finite: "17, 903".
std::string broken_timesteps(const Tensor& losses_b, const Tensor& timesteps_b) {
  std::ostringstream list;
  for (int64_t i = 0; i < losses_b.size(0); ++i)
    if (!std::isfinite(losses_b[i].item<double>()))
      list << (list.tellp() > 0 ? ", " : "") << timesteps_b[i].item<int64_t>();
  return list.str();
}

}  // namespace

BatchSource batches_of(const Loader& loader) {
  return {loader.batches_per_epoch(),
          [loader](int64_t epoch, int64_t index) { return loader.batch(epoch, index); }};
}

Weights trainable_parameters(const Pipeline& pipeline) {
  const LoraAdapter& adapter = pipeline.unet->adapter();
  Weights all =
      (adapter.empty() ? pipeline.unet->parameters() : adapter.parameters()).under("unet.");
  if (adapter.empty() && pipeline.class_emb.defined())
    all.set("class_emb.weight", pipeline.class_emb);
  for (const auto& [key, tensor] : all)
    if (!key.ends_with("time_proj.weight")) tensor.requires_grad_(true);
  return all;
}

DenoisingLearner::DenoisingLearner(const Pipeline& pipeline, BatchSource source,
                                   const TrainConfig& config, const Place& place)
    : pipeline_(pipeline),
      source_(std::move(source)),
      parameters_(trainable_parameters(pipeline)),
      objective_(objective_of(pipeline, config)),
      previews_(config, pipeline, place.samples, place.height, place.width),
      shows_(!place.samples.empty() && previews_.wanted()),
      label_dropout_(config.label_dropout),
      noise_(stream_seed(config.seed, "noise")),
      timesteps_(stream_seed(config.seed, "timesteps")),
      dropout_(stream_seed(config.seed, "dropout")),
      label_stream_(stream_seed(config.seed, "label_dropout")) {
  pipeline_.unet->set_gradient_checkpointing(config.gradient_checkpointing);
}

DenoisingLearner::~DenoisingLearner() { pipeline_.unet->set_gradient_checkpointing(false); }

std::map<std::string, RandomStream> DenoisingLearner::streams() const {
  std::map<std::string, RandomStream> all = {
      {"noise", noise_}, {"timesteps", timesteps_}, {"dropout", dropout_}};
  if (label_dropout_ > 0) all.emplace("label_dropout", label_stream_);
  return all;
}

Tensor DenoisingLearner::losses(const Batch& batch, const Tensor& noise,
                                const Tensor& timesteps_b) const {
  const bool wants_labels = pipeline_.class_count() > 0;
  MEZZO_CHECK(!wants_labels || batch.label_b.defined(),
              "training: the network is class-conditional but the data has no labels; put the "
              "pictures of each class in a folder of its own, or train without classes");
  const Predict predict = pipeline_.predict(wants_labels ? batch.label_b : Tensor());
  return denoising_losses(objective_, predict, batch.x0_bchw, noise, timesteps_b);
}

MicroBatch DenoisingLearner::micro_batch(int64_t epoch, int64_t index) {
  Batch batch = source_.batch(epoch, index);
  const int64_t pictures = batch.x0_bchw.size(0);
  const Tensor noise = noise_.randn(batch.x0_bchw.sizes()),
               timesteps_b = timesteps_.randint(0, objective_.alphas_cumprod.size(0), {pictures});
  if (label_dropout_ > 0 && batch.label_b.defined())
    batch.label_b = batch.label_b.masked_fill(label_stream_.rand({pictures}) < label_dropout_,
                                              pipeline_.null_label());
  MicroBatch ready{.pictures = pictures};
  ready.slices = slices_of(*pipeline_.unet, pictures, batch.x0_bchw.size(2), batch.x0_bchw.size(3));
  ready.losses = [this, batch, noise, timesteps_b](int64_t first, int64_t count) {
    const auto cut = [&](const Tensor& x) {
      return x.defined() && count < x.size(0) ? x.narrow(0, first, count) : x;
    };
    return losses({cut(batch.x0_bchw), cut(batch.label_b)}, cut(noise), cut(timesteps_b));
  };
  ready.circumstances = [timesteps_b](const Tensor& losses_b) {
    return ", at the timesteps " + broken_timesteps(losses_b, timesteps_b);
  };
  return ready;
}

void DenoisingLearner::set_training(bool on) { pipeline_.unet->set_training(on, dropout_); }

bool DenoisingLearner::has_shown(const Position& at) const {
  return std::filesystem::exists(previews_.grid_path(at.update));
}

void DenoisingLearner::show(const Position& at, bool finished, const CancelToken& cancel,
                            const Log& log) {
  if (!shows_) return;
  std::filesystem::create_directories(previews_.grid_path(0).parent_path());
  const Tensor images = previews_.draw(pipeline_, cancel);
  if (at.update == 0) previews_.keep_before(images);
  previews_.write_grid(images, at.update);
  const auto name = [](const std::filesystem::path& path) {
    return path.parent_path().filename() / path.filename();
  };
  log("samples", name(previews_.grid_path(at.update)));
  if (finished && previews_.has_before()) log("before_after", name(previews_.write_strip(images)));
}

}  // namespace mezzotint
