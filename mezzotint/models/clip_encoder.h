#pragma once

#include <vector>

#include "mezzotint/models/clip_config.h"
#include "mezzotint/models/layers.h"

namespace mezzotint {

/// Ba et al. 2016, arXiv:1607.06450, over the last dimension. Keys: weight, bias [channels].
struct LayerNorm {
  LayerNorm(const Params& params, int64_t channels, double eps);
  Tensor operator()(const Tensor& x) const;
  Tensor weight, bias;
  double eps;
};

/// The blocks that both towers of CLIP are made of, transformers' CLIPEncoder:
///   x + attention(norm(x)), then x + MLP(norm(x)).
/// Keys: layers.N.self_attn.{k,v,q,out}_proj, layers.N.layer_norm{1,2}, layers.N.mlp.fc{1,2}.
class CLIPEncoder {
 public:
  CLIPEncoder(const Params& params, const CLIPTowerConfig& config);
  /// Every token sees all others. [B, tokens, hidden_size] -> [B, 1, hidden_size], the first token:
  /// the last block doesn't make more.
  Tensor first_token(Tensor x_bnc) const;
  /// A token sees itself and those before it. [B, tokens, hidden_size] -> the same shape.
  Tensor causal(Tensor x_bnc) const;

 private:
  enum class Sight { kAll, kBefore };
  struct Layer {
    Layer(const Params& params, const CLIPTowerConfig& config);
    /// The first `tokens` of the block's result.
    Tensor forward(const Tensor& x_bnc, Sight sight, int64_t tokens) const;
    Tensor mixed(const Tensor& x_bnc, Sight sight, int64_t tokens) const;
    int64_t heads;
    Activation act;
    Linear k_proj, v_proj, q_proj, out_proj;
    LayerNorm layer_norm1;
    Linear fc1, fc2;
    LayerNorm layer_norm2;
  };
  std::vector<Layer> layers_;
};

}  // namespace mezzotint
