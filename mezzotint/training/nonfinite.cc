#include "mezzotint/training/nonfinite.h"

#include <cmath>

#include <ATen/ops/isfinite.h>

namespace mezzotint {
namespace {

std::string circumstances(const MicroBatch& batch, const Tensor& losses_b) {
  return batch.circumstances ? batch.circumstances(losses_b) : std::string();
}

/// The last of those that aren't finite: the backward pass comes from the end.
std::string broken_gradient(const Weights& parameters) {
  std::string broken;
  for (const auto& [key, parameter] : parameters)
    if (parameter.grad().defined() && !at::isfinite(parameter.grad()).all().item<bool>())
      broken = key;
  return broken;
}

}  // namespace

double finite_mean(const Tensor& losses_b, const MicroBatch& batch, const Position& at) {
  const auto value = losses_b.mean().item<double>();
  if (std::isfinite(value)) return value;
  throw NotFinite{concat("the loss is ", std::abs(value), " in micro-batch ", at.micro_batch + 1,
                         " (update ", at.update + 1, ", epoch ", at.epoch + 1, ")",
                         circumstances(batch, losses_b))};
}

void require_finite(double norm, const Weights& parameters, const MicroBatch& batch,
                    const Tensor& losses_b, const Position& at) {
  if (std::isfinite(norm)) return;
  const std::string broken = broken_gradient(parameters);
  throw NotFinite{concat("the gradient", broken.empty() ? "'s norm" : " of " + broken,
                         " isn't finite in update ", at.update + 1, " (epoch ", at.epoch + 1, ")",
                         circumstances(batch, losses_b))};
}

}  // namespace mezzotint
