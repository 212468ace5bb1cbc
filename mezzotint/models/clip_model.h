#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/base/random.h"
#include "mezzotint/base/weights.h"

namespace mezzotint {

/// Pictures and texts as vectors that point the same way where they mean the same: CLIP, Radford et
/// al. 2021, arXiv:2103.00020, in transformers' form (models/clip/modeling_clip.py); its
/// configuration is CLIPConfig. Parameters are ordinary contiguous float32 tensors under the
/// checkpoint's keys; embeddings are differentiable in the picture and in every parameter that
/// requires a gradient, and see updates in place.
class CLIPModel {
 public:
  /// From a configuration (config.json) and a checkpoint, whose keys are transformers', open_clip's
  /// or OpenAI's (clip_keys.h). Tensors are copied to float32 and stay on their device. Unknown
  /// keys of the configuration are kept and reported by unknown_keys().
  /// @throws Error naming the key or tensor that is wrong.
  CLIPModel(const nlohmann::json& config, const Weights& checkpoint);
  /// Freshly initialised, spread as transformers spreads new weights; not the same numbers.
  CLIPModel(const nlohmann::json& config, RandomStream stream);
  ~CLIPModel();
  CLIPModel(CLIPModel&&) noexcept;
  CLIPModel& operator=(CLIPModel&&) noexcept;

  /// What parameters() would be, without storage (device meta): for counting, at no cost.
  static Weights parameter_shapes(const nlohmann::json& config);

  /// Pictures [B, 3, image_size, image_size], less the mean and divided by the deviation of each
  /// channel that the model was trained with -> [B, projection_dim], of any length.
  /// @throws Error when the shape is another.
  Tensor image_embeds(const Tensor& pixels_bchw) const;
  /// Token numbers [B, tokens] of any integer type, at most context_length() -> [B,
  /// projection_dim], of any length. Each row ends with the tokenizer's end token; what stands
  /// behind it changes nothing.
  /// @throws Error when the shape is another, a number is outside the vocabulary, or there is no
  /// end.
  Tensor text_embeds(const Tensor& ids_bn) const;

  /// Its exponential multiplies the cosines of embeddings where a loss compares them; the
  /// parameter itself, a scalar.
  const Tensor& logit_scale() const;

  /// In the order of transformers' state_dict.
  const Weights& parameters() const;
  /// The configuration as it is saved: all fields, unknown keys kept.
  const nlohmann::json& config() const;
  const std::vector<std::string>& unknown_keys() const;
  int64_t projection_dim() const;
  int64_t image_channels() const;
  int64_t image_size() const;
  int64_t context_length() const;
  int64_t vocab_size() const;

 private:
  struct Network;
  std::shared_ptr<Network> network_;
};

}  // namespace mezzotint
