#pragma once

#include "mezzotint/models/clip_encoder.h"

namespace mezzotint {

/// CLIP's vision tower: Radford et al. 2021, arXiv:2103.00020, after Dosovitskiy et al. 2020,
/// arXiv:2010.11929; transformers' CLIPVisionModel. Keys: embeddings.{class_embedding,
/// patch_embedding.weight, position_embedding.weight}, pre_layrnorm (so spelt), encoder,
/// post_layernorm.
class CLIPVision {
 public:
  CLIPVision(const Params& params, const CLIPVisionConfig& config);
  /// Pictures [B, num_channels, image_size, image_size] float32 -> the class token after all
  /// blocks, [B, hidden_size]. @throws Error when the shape is another.
  Tensor operator()(const Tensor& x_bchw) const;

 private:
  Tensor patches(const Tensor& x_bchw) const;
  CLIPVisionConfig config_;
  Tensor class_embedding_, patch_weight_, position_weight_;
  LayerNorm pre_layrnorm_;
  CLIPEncoder encoder_;
  LayerNorm post_layernorm_;
};

}  // namespace mezzotint
