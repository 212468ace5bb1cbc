#include "mezzotint/training/optimizer.h"

#include <algorithm>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "mezzotint/training/weights_copy.h"

namespace mezzotint {

Optimizer::Optimizer(const TrainConfig& config, Weights parameters)
    : config_(config), parameters_(std::move(parameters)) {
  for (const auto& [key, parameter] : parameters_) {
    state_.set("step." + key, at::zeros({}, parameter.options().requires_grad(false)));
    state_.set("exp_avg." + key, at::zeros_like(parameter.detach()));
    state_.set("exp_avg_sq." + key, at::zeros_like(parameter.detach()));
  }
}

ops::AdamRecipe Optimizer::recipe(const UpdateTerms& terms) const {
  return {.lr = terms.lr,
          .beta1 = config_.adam_beta1,
          .beta2 = config_.adam_beta2,
          .epsilon = config_.adam_epsilon,
          // torch.optim.Adam has no weight decay unless asked; ours never has.
          .weight_decay = config_.optimizer == "adamw" ? config_.adam_weight_decay : 0.0,
          .gradient_scale = terms.gradient_scale,
          .average_weight = terms.ema ? terms.ema->weight() : 0.0};
}

ops::AdamTensors Optimizer::tensors(const std::string& key, const UpdateTerms& terms) const {
  const Tensor& parameter = parameters_.at(key);
  return {parameter,
          parameter.grad(),
          state_.at("exp_avg." + key),
          state_.at("exp_avg_sq." + key),
          state_.at("step." + key),
          terms.ema ? terms.ema->average().at(key) : Tensor()};
}

void Optimizer::step(const UpdateTerms& terms) {
  const at::NoGradGuard no_grad;
  if (terms.ema) terms.ema->begin_update();
  std::vector<ops::AdamTensors> all;
  for (const auto& [key, parameter] : parameters_) {
    if (parameter.grad().defined())
      all.push_back(tensors(key, terms));
    else if (terms.ema)
      terms.ema->take_in(key, parameter);
  }
  ops::adam_update(recipe(terms), all);
}

void Optimizer::step_one(const std::string& key, const UpdateTerms& terms) {
  const at::NoGradGuard no_grad;
  const Tensor& parameter = parameters_.at(key);
  if (parameter.grad().defined()) {
    const ops::AdamTensors one[] = {tensors(key, terms)};
    ops::adam_update(recipe(terms), one);
  } else if (terms.ema) {
    terms.ema->take_in(key, parameter);
  }
}

void Optimizer::drop_gradients() {
  for (const auto& [key, parameter] : parameters_) parameter.mutable_grad() = Tensor();
}

void Optimizer::restore(const Weights& state) { copy_weights(state, state_, "optimizer"); }

double gradient_norm(const Weights& parameters) {
  const at::NoGradGuard no_grad;
  std::vector<Tensor> gradients;
  for (const auto& [key, parameter] : parameters)
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  return ops::norm(gradients);
}

double clip_factor(double norm, double max_norm) { return std::min(1.0, max_norm / (norm + 1e-6)); }

}  // namespace mezzotint
