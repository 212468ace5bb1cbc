#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/base/predict.h"
#include "mezzotint/base/random.h"
#include "mezzotint/base/weights.h"
#include "mezzotint/models/lora_adapter.h"

namespace mezzotint {

/// The unconditional UNet of DDPM in diffusers' form (models/unets/unet_2d.py); its configuration
/// is UNet2DConfig. Parameters are ordinary contiguous float32 tensors under the checkpoint's
/// keys; forward is differentiable in the input and in every
/// parameter that requires a gradient, and sees updates in place.
class UNet2DModel {
 public:
  /// From a configuration (config.json) and a checkpoint, both also under the names of diffusers'
  /// first releases. Tensors are copied to float32 and stay on their device. Unknown keys of the
  /// configuration are kept and reported by unknown_keys().
  /// @throws Error naming the key or tensor that is wrong; an unsupported block is refused by name.
  ///
  /// With an adapter the network computes what it would with the adapter merged into its weights
  /// (merge_into()), and is differentiable in the adapter's tensors, which it shares: weights that
  /// require no gradient then cost none. @throws Error when the adapter doesn't fit.
  UNet2DModel(const nlohmann::json& config, const Weights& checkpoint,
              const LoraAdapter& adapter = {});
  /// Freshly initialised: the weights that diffusers has after `torch.manual_seed(seed);
  /// UNet2DModel(**config)`.
  UNet2DModel(const nlohmann::json& config, RandomStream stream);
  ~UNet2DModel();
  UNet2DModel(UNet2DModel&&) noexcept;
  UNet2DModel& operator=(UNet2DModel&&) noexcept;

  /// What parameters() would be, without storage (device meta): for counting, at no cost.
  static Weights parameter_shapes(const nlohmann::json& config);

  /// x_bchw [B, in_channels, H, W] float32, t_b [B] or [1] (integer or float), labels_b [B] or
  /// undefined -> [B, out_channels, H, W], in the memory layout of x_bchw.
  /// @throws Error when the channels differ, H, W don't halve evenly as often as the network halves
  /// them, or labels are missing or superfluous.
  Tensor forward(const Tensor& x_bchw, const Tensor& t_b, const Tensor& labels_b = {}) const;

  /// This model as the callable that schedulers, guidance and the training objective know. It
  /// shares the network, and may outlive this object.
  Predict predict(const Tensor& labels_b = {}) const;

  /// In the order of diffusers' state_dict. The Fourier frequencies (`time_proj.weight`) never get
  /// a gradient.
  const Weights& parameters() const;
  /// Empty unless one was given.
  const LoraAdapter& adapter() const;
  /// The configuration as it is saved: all fields, unknown keys kept, `_class_name` and friends
  /// included.
  const nlohmann::json& config() const;
  const std::vector<std::string>& unknown_keys() const;
  int64_t in_channels() const;
  int64_t out_channels() const;
  /// Height and width that the configuration names (sample_size); 0, 0 when it names none.
  std::pair<int64_t, int64_t> sample_size() const;
  /// Height and width must be multiples of this.
  int64_t size_multiple() const;

  /// Dropout acts only while training (off after construction). It draws from `stream`, which its
  /// caller may share to save and restore its state; without one, from a stream of seed 0.
  void set_training(bool training, std::optional<RandomStream> stream = std::nullopt);
  /// Gradient checkpointing (off after construction): a forward pass that records gradients keeps
  /// little more than one tensor for each residual block, and the backward pass computes the rest
  /// again (gradient_checkpointing.h). A third more work, far less memory, the same bits.
  void set_gradient_checkpointing(bool on);

 private:
  struct Network;
  std::shared_ptr<Network> network_;
};

}  // namespace mezzotint
