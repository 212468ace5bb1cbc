#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/base/predict.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// What one reverse step yields, both shaped as the sample.
struct Step {
  Tensor prev_sample;
  Tensor pred_original_sample;
};

/// What a multistep solver remembers between steps. A value: the loop holds it, a step reads it and
/// leaves its successor; schedulers without memory (DDPM, DDIM) leave it empty.
struct History {
  std::vector<Tensor> outputs;  ///< earlier model outputs, oldest first
  Tensor sample;                ///< a sample kept from an earlier step
  int64_t count = 0;
};

/// Arguments of step() in the reference implementation that are a user's choice rather than the
/// configuration's.
struct StepOptions {
  double eta = 0.0;                       ///< DDIM: fresh noise per step, 0 none .. 1 as DDPM
  bool use_clipped_model_output = false;  ///< DDIM: derive epsilon again from the clipped x0
  /// DDIM: step to the next timestep of the plan, rather than diffusers' `t - T / N`, which misses
  /// it where N doesn't divide T (docs/schedulers.md).
  bool previous_from_plan = false;
  /// Custom timesteps, strictly descending, each in [0, num_train_timesteps); num_inference_steps
  /// must then be 0.
  std::vector<int64_t> timesteps;
};

/// A plan for one sampling run: immutable, shareable between threads; every method is pure. Made by
/// make_scheduler().
class Scheduler {
 public:
  virtual ~Scheduler() = default;

  /// The timesteps to visit, descending, one per network call.
  virtual const std::vector<double>& timesteps() const = 0;
  /// The standard deviation that unit noise is scaled by to become the first sample.
  virtual double init_noise_sigma() const { return 1.0; }
  /// What the network is given in place of the sample at step `i` (an index into timesteps()).
  virtual Tensor scale_model_input(const Tensor& sample, size_t i) const {
    static_cast<void>(i);
    return sample;
  }
  /// The clean sample that the network's output stands for at step `i`, clamped or thresholded as
  /// the configuration asks: what step() reports, without taking the step or drawing noise.
  /// Differentiable in both tensors; the gradient is 0 where a value was clamped. @throws Error as
  /// step().
  virtual Tensor pred_original_sample(const Tensor& model_output, size_t i,
                                      const Tensor& sample) const = 0;
  /// One reverse step: from timesteps()[i] to the one after it. @throws Error when shapes don't
  /// fit.
  virtual Step step(const Tensor& model_output, size_t i, const Tensor& sample,
                    const DrawNoise& draw_noise, History& history) const = 0;

  /// alpha-bar of all training timesteps, [num_train_timesteps] float32.
  virtual const Tensor& alphas_cumprod() const = 0;
  /// All keys of the configuration, `_class_name` included.
  virtual nlohmann::json config() const = 0;
};

using SchedulerPtr = std::shared_ptr<const Scheduler>;

/// Makes the plan of `num_inference_steps` steps (0: one step for each training timestep, as when
/// diffusers' set_timesteps was never called). @param config scheduler_config.json, perhaps of
/// another class: keys that this class lacks are dropped and keys that it adds take their defaults,
/// as diffusers does it when a scheduler is swapped.
using SchedulerFactory = SchedulerPtr (*)(const nlohmann::json& config, int64_t num_inference_steps,
                                          const StepOptions& options);

/// By class name ("DDIMScheduler") or short name ("ddim"). @throws Error (kUsage) naming the known
/// ones.
SchedulerPtr make_scheduler(const std::string& name, const nlohmann::json& config,
                            int64_t num_inference_steps, const StepOptions& options = {});

/// "ddim", "ddpm": the short names of all that are registered.
std::vector<std::string> short_scheduler_names();

/// "ddim" -> "DDIMScheduler"; a class name is returned as it is.
std::string scheduler_class_name(const std::string& name);

/// The forward process: sqrt(abar_t) x0 + sqrt(1 - abar_t) noise, per image. timesteps_b [B] int64.
/// (Ho et al. 2020, equation 4; schedulers/scheduling_ddpm.py: add_noise.)
Tensor add_noise(const Tensor& alphas_cumprod, const Tensor& x0_bchw, const Tensor& noise_bchw,
                 const Tensor& timesteps_b);

/// What a v-prediction network is trained to yield: sqrt(abar_t) noise - sqrt(1 - abar_t) x0, per
/// image. (Salimans & Ho 2022, arXiv:2202.00512, section 4; schedulers/scheduling_ddpm.py:
/// get_velocity.)
Tensor velocity(const Tensor& alphas_cumprod, const Tensor& x0_bchw, const Tensor& noise_bchw,
                const Tensor& timesteps_b);

}  // namespace mezzotint
