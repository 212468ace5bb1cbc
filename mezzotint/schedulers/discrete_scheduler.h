#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/schedulers/noise_schedule.h"
#include "mezzotint/schedulers/scheduler.h"
#include "mezzotint/schedulers/timesteps.h"

namespace mezzotint {

/// What the schedulers on whole training timesteps share: a noise schedule and the list of
/// timesteps to visit.
class DiscreteScheduler : public Scheduler {
 public:
  const std::vector<double>& timesteps() const override { return timesteps_; }
  const Tensor& alphas_cumprod() const override { return alphas_cumprod_; }
  nlohmann::json config() const override { return config_; }

 protected:
  DiscreteScheduler(nlohmann::json config, const NoiseScheduleConfig& noise,
                    const TimestepRequest& request);
  /// timesteps()[i]. @throws Error when there is no step i.
  int64_t timestep(size_t i) const;
  /// timesteps()[i + 1], or -1 after the last.
  int64_t next_timestep(size_t i) const;
  /// alpha-bar_t, a float32 tensor without dimensions; `after_last` for t < 0.
  Tensor alpha_bar(int64_t t, const Tensor& after_last) const;

 private:
  nlohmann::json config_;
  Tensor alphas_cumprod_;
  std::vector<double> timesteps_;
};

/// @throws Error that names `where` when the output's shape isn't the sample's.
void check_step_shapes(const char* where, const Tensor& output, const Tensor& sample);

}  // namespace mezzotint
