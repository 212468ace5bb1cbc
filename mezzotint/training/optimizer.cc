#include "mezzotint/training/optimizer.h"

#include <algorithm>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "mezzotint/training/weights_copy.h"

namespace mezzotint {
namespace {

/// The gradient in its parameter's memory layout: the fused kernels walk both as flat arrays.
Tensor gradient_like(const Tensor& parameter) {
  const Tensor& grad = parameter.grad();
  if (grad.strides() == parameter.strides()) return grad;
  return at::zeros_like(parameter).copy_(grad);
}

std::vector<Tensor> gradients(const Weights& parameters) {
  std::vector<Tensor> all;
  for (const auto& [key, parameter] : parameters)
    if (parameter.grad().defined()) all.push_back(parameter.grad());
  return all;
}

}  // namespace

Optimizer::Optimizer(const TrainConfig& config, Weights parameters)
    : config_(config), parameters_(std::move(parameters)) {
  for (const auto& [key, parameter] : parameters_) {
    state_.set("step." + key, at::zeros({}, parameter.options().requires_grad(false)));
    state_.set("exp_avg." + key, at::zeros_like(parameter.detach()));
    state_.set("exp_avg_sq." + key, at::zeros_like(parameter.detach()));
  }
}

void Optimizer::step(double lr) {
  const at::NoGradGuard no_grad;
  std::vector<Tensor> weights, grads, means, squares, steps;
  for (const auto& [key, parameter] : parameters_) {
    if (!parameter.grad().defined()) continue;
    weights.push_back(parameter);
    grads.push_back(gradient_like(parameter));
    means.push_back(state_.at("exp_avg." + key));
    squares.push_back(state_.at("exp_avg_sq." + key));
    steps.push_back(state_.at("step." + key));
  }
  if (weights.empty()) return;
  at::_foreach_add_(steps, 1);
  // torch.optim.Adam has no weight decay unless asked; ours never has.
  const bool decoupled = config_.optimizer == "adamw";
  const double decay = decoupled ? config_.adam_weight_decay : 0.0;
  const std::vector<Tensor> no_maxima;
  const auto update = [&](auto fused) {
    fused(weights, grads, means, squares, no_maxima, steps, lr, config_.adam_beta1,
          config_.adam_beta2, decay, config_.adam_epsilon, /*amsgrad=*/false, /*maximize=*/false);
  };
  if (decoupled)
    update([](auto&&... arguments) { at::_fused_adamw_(arguments...); });
  else
    update([](auto&&... arguments) { at::_fused_adam_(arguments...); });
}

void Optimizer::drop_gradients() {
  for (const auto& [key, parameter] : parameters_) parameter.mutable_grad() = Tensor();
}

void Optimizer::restore(const Weights& state) { copy_weights(state, state_, "optimizer"); }

double gradient_norm(const Weights& parameters) {
  const at::NoGradGuard no_grad;
  const std::vector<Tensor> grads = gradients(parameters);
  if (grads.empty()) return 0.0;
  return at::stack(at::_foreach_norm(grads)).norm().item<double>();
}

void clip_gradients(const Weights& parameters, double norm, double max_norm) {
  const at::NoGradGuard no_grad;
  const double factor = max_norm / (norm + 1e-6);
  if (factor < 1.0) at::_foreach_mul_(gradients(parameters), factor);
}

}  // namespace mezzotint
