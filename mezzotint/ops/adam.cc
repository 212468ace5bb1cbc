#include "mezzotint/ops/adam.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/stack.h>

#include "mezzotint/kernels/adam.h"
#include "mezzotint/ops/engine.h"

namespace mezzotint::ops {
namespace {

using kernels::AdamArrays;
using kernels::AdamStep;

/// Floats that a thread takes at a time: the five arrays of a piece fit into its cache. Sums go
/// over these pieces whatever the number of threads.
constexpr int64_t kPiece = 16384;

struct Piece {
  size_t of;  ///< index of the tensor
  int64_t begin, end;
};

std::vector<Piece> pieces_of(size_t count, const auto& elements) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < count; ++i)
    for (int64_t begin = 0; begin < elements(i); begin += kPiece)
      pieces.push_back({i, begin, std::min(begin + kPiece, elements(i))});
  return pieces;
}

/// A flat array of floats in the CPU's memory.
bool flat(const Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && x.is_non_overlapping_and_dense();
}

/// Whether equal indices stand at equal places in memory.
bool laid_out_alike(const Tensor& a, const Tensor& b) {
  if (a.sizes() != b.sizes()) return false;
  for (int64_t i = 0; i < a.dim(); ++i)
    if (a.size(i) > 1 && a.stride(i) != b.stride(i)) return false;
  return true;
}

bool suits_kernel(const AdamTensors& of) {
  const auto beside = [&](const Tensor& x) { return flat(x) && laid_out_alike(x, of.parameter); };
  return engine() == Engine::kFast && flat(of.parameter) && beside(of.gradient) &&
         beside(of.mean) && beside(of.square) && (!of.average.defined() || beside(of.average));
}

AdamArrays arrays_of(const AdamTensors& of) {
  return {of.gradient.const_data_ptr<float>(), of.parameter.data_ptr<float>(),
          of.mean.data_ptr<float>(), of.square.data_ptr<float>(),
          of.average.defined() ? of.average.data_ptr<float>() : nullptr};
}

/// @param t number of this update, 1 for the first.
AdamStep step_of(const AdamRecipe& recipe, double t) {
  const auto rounded = [](double value) { return static_cast<float>(value); };
  return {.gradient_scale = rounded(recipe.gradient_scale),
          .parameter_scale = rounded(1 - recipe.lr * recipe.weight_decay),
          .mean_weight = rounded(1 - recipe.beta1),
          .square_scale = rounded(recipe.beta2),
          .square_weight = rounded(1 - recipe.beta2),
          .step_size = rounded(recipe.lr / (1 - std::pow(recipe.beta1, t))),
          .root_correction = rounded(std::sqrt(1 - std::pow(recipe.beta2, t))),
          .epsilon = rounded(recipe.epsilon),
          .average_weight = rounded(recipe.average_weight)};
}

/// Counts a change in place, as LibTorch's operators do: what was computed from the old values can
/// be told by it.
void tell_of_change(const AdamTensors& of) {
  for (const Tensor& changed : {of.parameter, of.mean, of.square, of.step, of.average})
    if (changed.defined()) changed.unsafeGetTensorImpl()->bump_version();
}

void update_by_kernel(const AdamRecipe& recipe, const std::vector<AdamTensors>& all) {
  std::vector<AdamStep> steps;
  std::vector<AdamArrays> arrays;
  for (const AdamTensors& of : all) {
    float& step = *of.step.data_ptr<float>();
    steps.push_back(step_of(recipe, step += 1));
    arrays.push_back(arrays_of(of));
  }
  const std::vector<Piece> pieces =
      pieces_of(all.size(), [&](size_t i) { return all[i].parameter.numel(); });
  at::parallel_for(0, static_cast<int64_t>(pieces.size()), 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const auto& [of, begin, end] = pieces[static_cast<size_t>(i)];
      kernels::adam_update(steps[of], arrays[of], static_cast<size_t>(begin),
                           static_cast<size_t>(end));
    }
  });
  for (const AdamTensors& of : all) tell_of_change(of);
}

/// The gradient in its parameter's memory layout: LibTorch's fused kernels walk both as flat
/// arrays.
Tensor gradient_like(const AdamTensors& of) {
  if (laid_out_alike(of.gradient, of.parameter)) return of.gradient;
  return at::empty_like(of.parameter).copy_(of.gradient);
}

void update_by_libtorch(const AdamRecipe& recipe, const std::vector<AdamTensors>& all) {
  std::vector<Tensor> parameters, gradients, means, squares, steps;
  for (const AdamTensors& of : all) {
    parameters.push_back(of.parameter);
    gradients.push_back(gradient_like(of));
    means.push_back(of.mean);
    squares.push_back(of.square);
    steps.push_back(of.step);
  }
  if (recipe.gradient_scale != 1) at::_foreach_mul_(gradients, recipe.gradient_scale);
  at::_foreach_add_(steps, 1);
  const std::vector<Tensor> no_maxima;
  const auto update = [&](const auto& fused) {
    fused(parameters, gradients, means, squares, no_maxima, steps, recipe.lr, recipe.beta1,
          recipe.beta2, recipe.weight_decay, recipe.epsilon, /*amsgrad=*/false,
          /*maximize=*/false);
  };
  if (recipe.weight_decay != 0)  // the other kernel's decay is that of the gradient
    update([](auto&&... arguments) { at::_fused_adamw_(arguments...); });
  else
    update([](auto&&... arguments) { at::_fused_adam_(arguments...); });
  for (const AdamTensors& of : all)
    if (of.average.defined()) move_average(of.average, of.parameter, recipe.average_weight);
}

double sum_of_squares(std::span<const Tensor> all) {
  const std::vector<Piece> pieces = pieces_of(all.size(), [&](size_t i) { return all[i].numel(); });
  std::vector<double> sums(pieces.size());
  at::parallel_for(0, static_cast<int64_t>(pieces.size()), 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const auto& [of, begin, end] = pieces[static_cast<size_t>(i)];
      sums[static_cast<size_t>(i)] = kernels::sum_of_squares(
          all[of].const_data_ptr<float>() + begin, static_cast<size_t>(end - begin));
    }
  });
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

}  // namespace

void adam_update(const AdamRecipe& recipe, std::span<const AdamTensors> all) {
  std::vector<AdamTensors> by_kernel, by_libtorch;
  for (const AdamTensors& of : all) (suits_kernel(of) ? by_kernel : by_libtorch).push_back(of);
  if (!by_kernel.empty()) update_by_kernel(recipe, by_kernel);
  if (!by_libtorch.empty()) update_by_libtorch(recipe, by_libtorch);
}

void move_average(const Tensor& average, const Tensor& parameter, double weight) {
  average.sub_((average - parameter).mul_(weight));
}

double norm(std::span<const Tensor> all) {
  if (all.empty()) return 0.0;
  if (engine() == Engine::kFast && std::ranges::all_of(all, flat))
    return std::sqrt(sum_of_squares(all));
  return at::stack(at::_foreach_norm(at::TensorList(all.data(), all.size()))).norm().item<double>();
}

}  // namespace mezzotint::ops
