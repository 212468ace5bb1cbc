#pragma once

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

#include "mezzotint/base/predict.h"
#include "mezzotint/base/random.h"
#include "mezzotint/base/weights.h"

namespace mezzotint {

// UNet2DConfig: every field of diffusers' UNet2DModel configuration, with fields(): see unet_2d_config.h.

/// The unconditional UNet of DDPM in diffusers' form (models/unets/unet_2d.py). Parameters are ordinary tensors under
/// the checkpoint's keys; forward is differentiable in the input and in every parameter that requires a gradient.
class UNet2DModel {
 public:
  /// From a configuration (config.json) and a checkpoint. Unknown keys are kept and reported by unknown_keys().
  /// @throws Error naming the key or tensor that is wrong; an unsupported block is refused by name.
  UNet2DModel(const nlohmann::json& config, const Weights& checkpoint);
  /// Freshly initialised, as torch initialises it after `manual_seed`.
  UNet2DModel(const nlohmann::json& config, RandomStream stream);
  ~UNet2DModel();
  UNet2DModel(UNet2DModel&&) noexcept;
  UNet2DModel& operator=(UNet2DModel&&) noexcept;

  /// x_bchw [B, in_channels, H, W] float32, t_b [B] or [1] (integer or float), labels_b [B] or undefined
  /// -> [B, out_channels, H, W].
  /// @throws Error when the channels differ or H, W don't halve evenly as often as the network halves them.
  Tensor forward(const Tensor& x_bchw, const Tensor& t_b, const Tensor& labels_b = {}) const;

  /// This model as the callable that schedulers, guidance and the training objective know.
  Predict predict(const Tensor& labels_b = {}) const;

  const Weights& parameters() const;
  /// The configuration as it is saved: all fields, unknown keys kept, `_class_name` and friends included.
  const nlohmann::json& config() const;
  const std::vector<std::string>& unknown_keys() const;
  int64_t in_channels() const;
  int64_t out_channels() const;
  /// Height and width that the configuration names (sample_size); 0, 0 when it names none.
  std::pair<int64_t, int64_t> sample_size() const;

  /// Dropout acts only while training (off after construction).
  void set_training(bool training);

 private:
  struct Network;
  std::unique_ptr<Network> network_;
};

}  // namespace mezzotint
