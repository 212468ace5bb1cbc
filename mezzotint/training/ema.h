#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mezzotint/base/weights.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint {

/// Exponential moving average of a model's parameters, number for number diffusers' EMAModel
/// (training_utils.py). The average and the raw weights never share memory.
class Ema {
 public:
  /// Begins with a copy of the parameters, which are those that learn.
  Ema(const TrainConfig& config, const Weights& parameters);

  /// After an update of the parameters: average -= (1 - decay) (average - parameter). The same as
  /// begin_update(), then take_in() of every parameter, in any order.
  void update(const Weights& parameters);
  void begin_update();
  void take_in(const std::string& key, const Tensor& parameter);
  /// 1 - decay of the update that has begun: how much of a parameter the average takes in.
  double weight() const { return 1 - decay(updates_); }
  /// The decay of update number `update` (1 for the first). With n = update - 1 -
  /// ema_update_after_step: 0 while n <= 0, then (1 + n) / (10 + n), or, with ema_warmup,
  /// 1 - (1 + n / ema_inv_gamma)^-ema_power; kept in [ema_min_decay, ema_decay].
  double decay(int64_t update) const;

  int64_t updates() const { return updates_; }
  const Weights& average() const { return average_; }
  /// Goes on from a checkpoint. @throws Error when a key or shape is missing.
  void restore(const Weights& average, int64_t updates);

 private:
  TrainConfig config_;
  Weights average_;
  int64_t updates_ = 0;
};

/// While it lives the parameters hold the average; afterwards they are as they were. Nothing is
/// copied.
class UseAverage {
 public:
  /// `ema` may be null: then nothing changes.
  UseAverage(const Ema* ema, const Weights& parameters);
  ~UseAverage();
  UseAverage(const UseAverage&) = delete;
  UseAverage& operator=(const UseAverage&) = delete;

 private:
  std::vector<std::pair<Tensor, Tensor>> raw_;  ///< parameter, what it held
};

}  // namespace mezzotint
