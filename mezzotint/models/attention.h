#pragma once

#include <optional>

#include "mezzotint/models/layers.h"

namespace mezzotint {

struct AttentionSpec {
  int64_t channels = 0;
  int64_t head_dim = 0;  ///< channels of one head; there are floor(channels / head_dim) heads
  std::optional<int64_t> groups;  ///< of the GroupNorm before it; none: no GroupNorm
  double eps = 1e-5;
  double output_scale = 1;  ///< divides the sum
};

/// Self-attention over the pixels of a picture, with a residual connection:
///   x + softmax(Q K^T / sqrt(head_dim)) V W_out,  Q, K, V from GroupNorm(x).
/// Vaswani et al. 2017, arXiv:1706.03762, section 3.2; diffusers: models/attention_processor.py.
/// Keys: group_norm, to_q, to_k, to_v, to_out.0.
class Attention {
 public:
  /// @throws Error when not even one head fits.
  Attention(const Params& params, const AttentionSpec& spec);
  /// [B, C, H, W] -> [B, C, H, W]. In channels_last memory no projection moves data.
  Tensor operator()(const Tensor& x_bchw) const;

 private:
  int64_t heads_, head_dim_;
  double output_scale_;
  std::optional<GroupNorm> group_norm_;
  Linear to_q_, to_k_, to_v_, to_out_;
};

}  // namespace mezzotint
