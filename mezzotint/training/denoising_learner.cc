#include "mezzotint/training/denoising_learner.h"

#include <algorithm>
#include <numbers>
#include <sstream>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include "mezzotint/base/error.h"
#include "mezzotint/models/watch_layers.h"
#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {
namespace {

constexpr double kReportedGamma = 5;  // of "snr_loss", whatever snr_gamma is: the paper's

Objective objective_of(const Pipeline& pipeline) {
  // Every scheduler reads the same schedule out of a configuration; DDPM's is the one that training
  // is defined with.
  const SchedulerPtr ddpm = make_scheduler("ddpm", pipeline.scheduler_config, 0);
  return {ddpm->alphas_cumprod(), pipeline.scheduler_config.value("prediction_type", "epsilon")};
}

std::map<std::string, RandomStream> streams_of(const TrainConfig& config) {
  std::vector<std::string> names = {"noise", "timesteps", "dropout"};
  if (config.label_dropout > 0) names.emplace_back("label_dropout");
  if (config.noise_offset > 0) names.emplace_back("noise_offset");
  if (config.input_perturbation > 0) names.emplace_back("input_perturbation");
  std::map<std::string, RandomStream> streams;
  for (const std::string& name : names)
    streams.emplace(name, RandomStream(stream_seed(config.seed, name)));
  return streams;
}

bool all_finite(const Tensor& x) { return at::isfinite(x).all().item<bool>(); }

/// The pictures whose loss isn't finite; all of them when that isn't what is wrong.
Tensor broken_pictures(const Tensor& losses_b) {
  const Tensor broken = at::isfinite(losses_b).logical_not().nonzero().flatten();
  return broken.numel() > 0 ? broken : at::arange(losses_b.size(0), at::kLong);
}

/// "17, 903"; the first few.
std::string listed(const Tensor& timesteps_b) {
  constexpr int64_t kMost = 16;
  std::ostringstream list;
  for (int64_t i = 0; i < std::min(timesteps_b.size(0), kMost); ++i)
    list << (i > 0 ? ", " : "") << timesteps_b[i].item<int64_t>();
  if (timesteps_b.size(0) > kMost) list << " and " << timesteps_b.size(0) - kMost << " more";
  return list.str();
}

/// Of each picture by itself, whatever batch it is in.
Tensor validation_noise(IntArrayRef sizes_bchw, int64_t first, uint64_t seed) {
  std::vector<Tensor> noise;
  for (int64_t i = 0; i < sizes_bchw[0]; ++i)
    noise.push_back(RandomStream(stream_seed(seed, concat("validation/", first + i)))
                        .randn(sizes_bchw.slice(1)));
  return at::stack(noise);
}

Tensor cut(const Tensor& x, int64_t first, int64_t count) {
  return x.defined() && count < x.size(0) ? x.narrow(0, first, count) : x;
}

Noisy cut(const Noisy& noisy, int64_t first, int64_t count) {
  return {cut(noisy.x0_bchw, first, count), cut(noisy.noise_bchw, first, count),
          cut(noisy.timesteps_b, first, count), cut(noisy.seen_noise_bchw, first, count)};
}

Noisy chosen(const Noisy& noisy, const Tensor& which) {
  return {noisy.x0_bchw.index_select(0, which),
          noisy.noise_bchw.index_select(0, which),
          noisy.timesteps_b.index_select(0, which),
          {}};
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
      config_(config),
      source_(std::move(source)),
      held_out_(place.held_out),
      parameters_(trainable_parameters(pipeline)),
      objective_(objective_of(pipeline)),
      sampler_(make_timestep_sampler(config, objective_.alphas_cumprod.size(0))),
      seen_(objective_.alphas_cumprod.size(0)),
      snr_sums_(at::zeros({2}, at::kDouble)),
      previews_(config, pipeline, place.samples, place.height, place.width),
      shows_(!place.samples.empty() && previews_.wanted()),
      streams_(streams_of(config)) {
  pipeline_.unet->set_gradient_checkpointing(config.gradient_checkpointing);
}

DenoisingLearner::~DenoisingLearner() { pipeline_.unet->set_gradient_checkpointing(false); }

Weights DenoisingLearner::state() const {
  Weights all = seen_.state();
  all.set("snr_sums", snr_sums_);
  for (const auto& [key, tensor] : sampler_->state()) all.set(key, tensor);
  return all;
}

Predict DenoisingLearner::predict(const Tensor& label_b) const {
  const bool wants_labels = pipeline_.class_count() > 0;
  MEZZO_CHECK(!wants_labels || label_b.defined(),
              "training: the network is class-conditional but the data has no labels; put the "
              "pictures of each class in a folder of its own, or train without classes");
  return pipeline_.predict(wants_labels ? label_b : Tensor());
}

/// The batch, some of its pictures without their class.
Batch DenoisingLearner::with_labels_dropped(Batch batch) {
  if (config_.label_dropout <= 0 || !batch.label_b.defined()) return batch;
  const Tensor dropped =
      streams_.at("label_dropout").rand(batch.label_b.sizes()) < config_.label_dropout;
  batch.label_b = batch.label_b.masked_fill(dropped, pipeline_.null_label());
  return batch;
}

Noisy DenoisingLearner::noisy(const Tensor& x0_bchw, const Tensor& timesteps_b) {
  Tensor noise = streams_.at("noise").randn(x0_bchw.sizes());
  if (config_.noise_offset > 0)
    noise = noise + config_.noise_offset *
                        streams_.at("noise_offset").randn({x0_bchw.size(0), x0_bchw.size(1), 1, 1});
  Noisy made{x0_bchw, noise, timesteps_b, {}};
  if (config_.input_perturbation > 0)
    made.seen_noise_bchw = noise + config_.input_perturbation *
                                       streams_.at("input_perturbation").randn(x0_bchw.sizes());
  return made;
}

MicroBatch DenoisingLearner::micro_batch(int64_t epoch, int64_t index) {
  const Batch batch = with_labels_dropped(source_.batch(epoch, index));
  const int64_t pictures = batch.x0_bchw.size(0);
  const DrawnTimesteps drawn = sampler_->draw(pictures, streams_.at("timesteps"));
  const Tensor& timesteps_b = drawn.timesteps_b;
  const Noisy made = noisy(batch.x0_bchw, timesteps_b);
  // What the loop may not see: errors without weights, and weighted for the timesteps' sake only.
  const Tensor errors_b = at::empty({pictures});
  const Tensor objective_b = config_.snr_gamma > 0
                                 ? snr_weights(objective_, config_.snr_gamma, timesteps_b)
                                 : at::ones({pictures});
  const Tensor weights_b = drawn.weights_b.defined() ? objective_b * drawn.weights_b : objective_b;
  MicroBatch ready{.pictures = pictures};
  ready.slices = slices_of(*pipeline_.unet, pictures, batch.x0_bchw.size(2), batch.x0_bchw.size(3));
  ready.losses = [=, this](int64_t first, int64_t count) {
    const Tensor errors = denoising_errors(objective_, predict(cut(batch.label_b, first, count)),
                                           cut(made, first, count));
    errors_b.narrow(0, first, count).copy_(errors.detach());
    return errors * cut(weights_b, first, count);
  };
  ready.observe = [=, this] {
    sampler_->observe(timesteps_b, errors_b * objective_b);
    seen_.add(timesteps_b, errors_b);
    snr_sums_[0] += (errors_b * snr_weights(objective_, kReportedGamma, timesteps_b)).sum();
    snr_sums_[1] += pictures;
  };
  ready.circumstances = [=, this](const Tensor& losses_b) {
    return where_broken(made, batch.label_b, losses_b);
  };
  return ready;
}

std::string DenoisingLearner::where_broken(const Noisy& noisy, const Tensor& label_b,
                                           const Tensor& losses_b) const {
  const at::NoGradGuard no_gradients;
  const Tensor which = broken_pictures(losses_b);
  const Noisy of = chosen(noisy, which);
  const Tensor labels = label_b.defined() ? label_b.index_select(0, which) : label_b;
  const std::string times = ", at the timesteps " + listed(of.timesteps_b);
  if (!all_finite(of.x0_bchw)) return ", first seen in the picture" + times;
  std::string layer;
  const auto note = [&layer](const std::string& name, const Tensor& output) {
    if (layer.empty() && !all_finite(output)) layer = name;
  };
  pipeline_.unet->set_training(false);
  {
    const WatchLayers watch(note);
    denoising_errors(objective_, predict(labels), of);
  }
  pipeline_.unet->set_training(true);
  if (layer.empty()) return times;
  for (const auto& [key, tensor] : pipeline_.unet->parameters().below(layer + "."))
    if (!all_finite(tensor))
      return concat(", first seen in ", layer, " (its ", key, " isn't finite)", times);
  return concat(", first seen in ", layer, times);
}

void DenoisingLearner::set_training(bool on) {
  pipeline_.unet->set_training(on, streams_.at("dropout"));
}

bool DenoisingLearner::has_shown(const Position& at, bool raw) const {
  return std::filesystem::exists(previews_.grid_path(at.update, raw));
}

void DenoisingLearner::show(const Showing& showing) {
  if (!shows_) return;
  const int64_t update = showing.at.update;
  const std::filesystem::path grid = previews_.grid_path(update, showing.raw);
  std::filesystem::create_directories(grid.parent_path());
  const Tensor images = previews_.draw(pipeline_, showing.cancel);
  if (update == 0) previews_.keep_before(images);
  previews_.write_grid(images, grid);
  const auto name = [](const std::filesystem::path& path) {
    return path.parent_path().filename() / path.filename();
  };
  showing.log("samples", name(grid));
  if (showing.finished && !showing.raw && previews_.has_before())
    showing.log("before_after", name(previews_.write_strip(images)));
}

void DenoisingLearner::report(const Log& log) {
  const auto all = seen_.stratified_mean();
  if (!all) return;
  for (int64_t tenth = 0; tenth < LossByTimestep::kTenths; ++tenth)
    if (const auto mean = seen_.mean(tenth)) log("loss_at/" + seen_.name(tenth), *mean);
  log("stratified_loss", *all);
  log("snr_loss", snr_sums_[0].item<double>() / snr_sums_[1].item<double>());
  seen_.clear();
  snr_sums_.zero_();
}

void DenoisingLearner::validate(const CancelToken& cancel, const Log& log) {
  if (held_out_.micro_batches_per_epoch == 0) return;
  const at::NoGradGuard no_gradients;
  const int64_t steps = objective_.alphas_cumprod.size(0);
  LossByTimestep found(steps);
  double sum = 0;
  int64_t pictures = 0;
  for (int64_t i = 0; i < held_out_.micro_batches_per_epoch; ++i) {
    cancel.check();
    const Batch batch = held_out_.batch(0, i);
    const int64_t count = batch.x0_bchw.size(0);
    // The golden ratio spreads any number of timesteps evenly, each batch's over all of them.
    const Tensor fractions_b =
        (at::arange(pictures, pictures + count, at::kDouble) * std::numbers::phi).frac();
    const Noisy made{batch.x0_bchw,
                     validation_noise(batch.x0_bchw.sizes(), pictures, config_.seed),
                     (fractions_b * static_cast<double>(steps)).to(at::kLong),
                     {}};
    const Tensor errors_b = denoising_errors(objective_, predict(batch.label_b), made);
    found.add(made.timesteps_b, errors_b);
    sum += errors_b.sum().item<double>();
    pictures += count;
  }
  log("validation_loss", sum / static_cast<double>(pictures));
  for (int64_t tenth = 0; tenth < LossByTimestep::kTenths; ++tenth)
    if (const auto mean = found.mean(tenth)) log("validation_loss_at/" + found.name(tenth), *mean);
}

}  // namespace mezzotint
