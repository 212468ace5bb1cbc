#include "mezzotint/training/loss_by_timestep.h"

#include <algorithm>
#include <cstdio>

#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>

namespace mezzotint {

LossByTimestep::LossByTimestep(int64_t num_train_timesteps)
    : num_train_timesteps_(num_train_timesteps),
      sums_(at::zeros({kTenths}, at::kDouble)),
      counts_(at::zeros({kTenths}, at::kLong)) {}

void LossByTimestep::add(const Tensor& timesteps_b, const Tensor& errors_b) {
  const Tensor tenths_b = (timesteps_b * kTenths).floor_divide(num_train_timesteps_);
  sums_.index_add_(0, tenths_b, errors_b.to(at::kDouble));
  counts_.index_add_(0, tenths_b, at::ones_like(tenths_b));
}

std::optional<double> LossByTimestep::mean(int64_t tenth) const {
  const auto count = counts_[tenth].item<int64_t>();
  if (count == 0) return std::nullopt;
  return sums_[tenth].item<double>() / static_cast<double>(count);
}

std::optional<double> LossByTimestep::stratified_mean() const {
  double sum = 0;
  int64_t met = 0;
  for (int64_t tenth = 0; tenth < kTenths; ++tenth)
    if (const auto value = mean(tenth)) sum += *value, ++met;
  if (met == 0) return std::nullopt;
  return sum / static_cast<double>(met);
}

std::string LossByTimestep::name(int64_t tenth) const {
  const auto first_of = [&](int64_t k) {
    return (num_train_timesteps_ * k + kTenths - 1) / kTenths;
  };
  char text[64];
  std::snprintf(text, sizeof text, "%03lld-%03lld", static_cast<long long>(first_of(tenth)),
                static_cast<long long>(std::max(first_of(tenth), first_of(tenth + 1) - 1)));
  return text;
}

void LossByTimestep::clear() {
  sums_.zero_();
  counts_.zero_();
}

Weights LossByTimestep::state() const {
  Weights all;
  all.set("loss_by_timestep.sums", sums_);
  all.set("loss_by_timestep.counts", counts_);
  return all;
}

}  // namespace mezzotint
