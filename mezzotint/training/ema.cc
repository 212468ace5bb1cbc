#include "mezzotint/training/ema.h"

#include <algorithm>
#include <cmath>

#include <ATen/core/grad_mode.h>

#include "mezzotint/ops/adam.h"
#include "mezzotint/training/weights_copy.h"

namespace mezzotint {

Ema::Ema(const TrainConfig& config, const Weights& parameters) : config_(config) {
  for (const auto& [key, tensor] : parameters) average_.set(key, tensor.detach().clone());
}

double Ema::decay(int64_t update) const {
  const auto n =
      static_cast<double>(std::max<int64_t>(0, update - config_.ema_update_after_step - 1));
  if (n <= 0) return 0.0;
  const double wanted = config_.ema_warmup
                            ? 1 - std::pow(1 + n / config_.ema_inv_gamma, -config_.ema_power)
                            : (1 + n) / (10 + n);
  return std::max(std::min(wanted, config_.ema_decay), config_.ema_min_decay);
}

void Ema::begin_update() { ++updates_; }

void Ema::take_in(const std::string& key, const Tensor& parameter) {
  const at::NoGradGuard no_grad;
  ops::move_average(average_.at(key), parameter, weight());
}

void Ema::update(const Weights& parameters) {
  begin_update();
  for (const auto& [key, average] : average_) take_in(key, parameters.at(key));
}

void Ema::restore(const Weights& average, int64_t updates) {
  copy_weights(average, average_, "EMA");
  updates_ = updates;
}

UseAverage::UseAverage(const Ema* ema, const Weights& parameters) {
  if (!ema) return;
  for (const auto& [key, parameter] : parameters) {
    const Tensor average = ema->average().find(key);
    if (!average.defined()) continue;  // it doesn't learn
    raw_.emplace_back(parameter, parameter.detach());
    parameter.set_data(average);
  }
}

UseAverage::~UseAverage() {
  for (const auto& [parameter, data] : raw_) parameter.set_data(data);
}

}  // namespace mezzotint
