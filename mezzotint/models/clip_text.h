#pragma once

#include "mezzotint/models/clip_encoder.h"

namespace mezzotint {

/// CLIP's text tower: Radford et al. 2021, arXiv:2103.00020; transformers' CLIPTextModel. Keys:
/// embeddings.{token_embedding,position_embedding}.weight, encoder, final_layer_norm.
class CLIPText {
 public:
  CLIPText(const Params& params, const CLIPTextConfig& config);
  /// Token numbers [B, tokens], any integer type, at most max_position_embeddings tokens -> the
  /// token that ends each text after all blocks, [B, hidden_size]. What stands behind it changes
  /// nothing. @throws Error for another shape or type, for a number outside the vocabulary, and
  /// for a text without an end.
  Tensor operator()(const Tensor& ids_bn) const;

 private:
  void check(const Tensor& ids_bn) const;
  Tensor ends(const Tensor& ids_bn) const;
  CLIPTextConfig config_;
  Tensor token_weight_, position_weight_;
  CLIPEncoder encoder_;
  LayerNorm final_layer_norm_;
};

}  // namespace mezzotint
