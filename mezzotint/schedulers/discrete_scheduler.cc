#include "mezzotint/schedulers/discrete_scheduler.h"

#include <utility>

#include "mezzotint/base/error.h"

namespace mezzotint {

DiscreteScheduler::DiscreteScheduler(nlohmann::json config, const NoiseScheduleConfig& noise,
                                     const TimestepRequest& request)
    : config_(std::move(config)), alphas_cumprod_(make_alphas_cumprod(make_betas(noise))) {
  for (const int64_t t : make_timesteps(request)) timesteps_.push_back(static_cast<double>(t));
}

int64_t DiscreteScheduler::timestep(size_t i) const {
  MEZZO_CHECK(i < timesteps_.size(), "scheduler: there is no step ", i, ", the plan has ",
              timesteps_.size());
  return static_cast<int64_t>(timesteps_[i]);
}

int64_t DiscreteScheduler::next_timestep(size_t i) const {
  return i + 1 < timesteps_.size() ? timestep(i + 1) : -1;
}

Tensor DiscreteScheduler::alpha_bar(int64_t t, const Tensor& after_last) const {
  return t < 0 ? after_last : alphas_cumprod_.select(0, t);
}

void check_step_shapes(const char* where, const Tensor& output, const Tensor& sample) {
  MEZZO_CHECK(sample.dim() >= 2, where, ": the sample is ", sample.sizes(), ", wanted [B, C, ...]");
  MEZZO_CHECK(output.sizes() == sample.sizes(), where, ": the model's output is ", output.sizes(),
              ", wanted the sample's shape ", sample.sizes());
}

}  // namespace mezzotint
