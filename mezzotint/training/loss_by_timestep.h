#pragma once

#include <optional>
#include <string>

#include "mezzotint/base/weights.h"

namespace mezzotint {

/// Mean squared errors gathered by tenths of the timesteps. A loss is mostly noise because few
/// timesteps are drawn at a time and their errors lie orders apart; by tenths it isn't.
class LossByTimestep {
 public:
  static constexpr int64_t kTenths = 10;

  explicit LossByTimestep(int64_t num_train_timesteps);

  /// Errors [B] at timesteps [B].
  void add(const Tensor& timesteps_b, const Tensor& errors_b);
  /// Of tenth `tenth`; nothing when it got none.
  std::optional<double> mean(int64_t tenth) const;
  /// The mean of all tenths that got any: each counts the same, however often it was drawn.
  std::optional<double> stratified_mean() const;
  /// "000-099": the timesteps of a tenth.
  std::string name(int64_t tenth) const;
  void clear();

  /// The sums, for checkpoints, which copy them out and in, in place.
  Weights state() const;

 private:
  int64_t num_train_timesteps_;
  Tensor sums_;    ///< [kTenths] float64
  Tensor counts_;  ///< [kTenths] int64
};

}  // namespace mezzotint
