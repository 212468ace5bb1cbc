#pragma once

#include <memory>

#include "mezzotint/base/random.h"
#include "mezzotint/base/weights.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint {

/// The timesteps of a micro-batch.
struct DrawnTimesteps {
  Tensor timesteps_b;  ///< [B] int64
  /// [B] float32, what the errors at them are to be multiplied with so that their mean is that of
  /// evenly drawn ones; undefined where that is 1, or where the density is meant to weigh.
  Tensor weights_b;
};

/// How the timesteps that a network learns at are drawn.
class TimestepSampler {
 public:
  virtual ~TimestepSampler() = default;
  virtual DrawnTimesteps draw(int64_t pictures, RandomStream& stream) = 0;
  /// Takes note of the mean squared errors [B] at timesteps that were drawn.
  virtual void observe(const Tensor& timesteps_b, const Tensor& errors_b) {
    static_cast<void>(timesteps_b), static_cast<void>(errors_b);
  }
  /// What draw() depends on besides the stream: a checkpoint copies it out and in, in place.
  virtual Weights state() const { return {}; }
};

/// The sampler that config.timestep_sampler names, over [min_timestep, max_timestep):
///
///   uniform             randint(first, last, [B])
///   stratified          picture i of B draws from the i-th of B equal parts: rand([B])
///   logit_normal        sigmoid(logit_mean + logit_std randn([B])) of the range (Esser et al.,
///                       arXiv:2403.03206, section 3.1; diffusers' training_utils.py)
///   loss_second_moment  in proportion to the root of the mean squared loss lately, after Nichol
///                       and Dhariwal 2021, arXiv:2102.09672, section 3.3, whose history of ten
///                       losses is kept for a hundred ranges of timesteps here rather than for each
///                       timestep, which fills it within a few thousand pictures; even before
///
/// @throws Error (kUsage) when the range isn't within num_train_timesteps.
std::unique_ptr<TimestepSampler> make_timestep_sampler(const TrainConfig& config,
                                                       int64_t num_train_timesteps);

}  // namespace mezzotint
