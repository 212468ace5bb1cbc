#include "mezzotint/models/clip_encoder.h"

#include <cmath>

#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/scaled_dot_product_attention.h>

#include "mezzotint/ops/attention.h"
#include "mezzotint/ops/linear.h"
#include "mezzotint/ops/quick_gelu.h"

namespace mezzotint {
namespace {

/// How new weights of a block are spread: transformers' CLIPPreTrainedModel._init_weights.
struct Spread {
  explicit Spread(const CLIPTowerConfig& c)
      : out(c.initializer_factor / std::sqrt(static_cast<double>(c.hidden_size))),
        in(out / std::sqrt(2.0 * static_cast<double>(c.num_hidden_layers))),
        fc1(out / std::sqrt(2.0)) {}
  double out, in, fc1;
};

Activation mlp_activation(const std::string& name) {
  if (name == "quick_gelu") return &ops::quick_gelu;
  return activation(name);
}

Tensor causal_attention(const Tensor& q_bnc, const Tensor& k_bnc, const Tensor& v_bnc,
                        int64_t heads) {
  const auto split = [heads](const Tensor& x_bnc) {
    return x_bnc.view({x_bnc.size(0), x_bnc.size(1), heads, -1}).transpose(1, 2);
  };
  const Tensor out_bhnd = at::scaled_dot_product_attention(split(q_bnc), split(k_bnc), split(v_bnc),
                                                           {}, 0.0, /*is_causal=*/true);
  return out_bhnd.transpose(1, 2).reshape(q_bnc.sizes());
}

Tensor first(const Tensor& x_bnc, int64_t tokens) {
  return tokens == x_bnc.size(1) ? x_bnc : x_bnc.narrow(1, 0, tokens);
}

}  // namespace

LayerNorm::LayerNorm(const Params& params, int64_t channels, double eps)
    : weight(params.get("weight", {channels}, Init::kOnes)),
      bias(params.get("bias", {channels}, Init::kZeros)),
      eps(eps) {}

Tensor LayerNorm::operator()(const Tensor& x) const {
  return at::layer_norm(x, weight.sizes(), weight, bias, eps);
}

CLIPEncoder::Layer::Layer(const Params& params, const CLIPTowerConfig& c)
    : heads(c.num_attention_heads),
      act(mlp_activation(c.hidden_act)),
      k_proj(params / "self_attn" / "k_proj", c.hidden_size, c.hidden_size, Spread(c).in),
      v_proj(params / "self_attn" / "v_proj", c.hidden_size, c.hidden_size, Spread(c).in),
      q_proj(params / "self_attn" / "q_proj", c.hidden_size, c.hidden_size, Spread(c).in),
      out_proj(params / "self_attn" / "out_proj", c.hidden_size, c.hidden_size, Spread(c).out),
      layer_norm1(params / "layer_norm1", c.hidden_size, c.layer_norm_eps),
      fc1(params / "mlp" / "fc1", c.hidden_size, c.intermediate_size, Spread(c).fc1),
      fc2(params / "mlp" / "fc2", c.intermediate_size, c.hidden_size, Spread(c).in),
      layer_norm2(params / "layer_norm2", c.hidden_size, c.layer_norm_eps) {}

Tensor CLIPEncoder::Layer::mixed(const Tensor& x_bnc, Sight sight, int64_t tokens) const {
  if (tokens < x_bnc.size(1)) {  // fewer queries than keys
    const std::vector<Tensor> kv =
        ops::linears(x_bnc, {k_proj.weight, v_proj.weight}, {k_proj.bias, v_proj.bias});
    return ops::attention(q_proj(first(x_bnc, tokens)), kv[0], kv[1], heads);
  }
  const std::vector<Tensor> qkv = ops::linears(x_bnc, {q_proj.weight, k_proj.weight, v_proj.weight},
                                               {q_proj.bias, k_proj.bias, v_proj.bias});
  if (sight == Sight::kBefore) return causal_attention(qkv[0], qkv[1], qkv[2], heads);
  return ops::attention(qkv[0], qkv[1], qkv[2], heads);
}

Tensor CLIPEncoder::Layer::forward(const Tensor& x_bnc, Sight sight, int64_t tokens) const {
  const Tensor h_bnc =
      out_proj.plus(mixed(layer_norm1(x_bnc), sight, tokens), first(x_bnc, tokens));
  return fc2.plus(act(fc1(layer_norm2(h_bnc))), h_bnc);
}

CLIPEncoder::CLIPEncoder(const Params& params, const CLIPTowerConfig& config) {
  const Params layers = params / "layers";
  for (int64_t i = 0; i < config.num_hidden_layers; ++i)
    layers_.emplace_back(layers / static_cast<size_t>(i), config);
}

Tensor CLIPEncoder::first_token(Tensor x_bnc) const {
  for (const Layer& layer : layers_)
    x_bnc = layer.forward(x_bnc, Sight::kAll, &layer == &layers_.back() ? 1 : x_bnc.size(1));
  return x_bnc;
}

Tensor CLIPEncoder::causal(Tensor x_bnc) const {
  for (const Layer& layer : layers_) x_bnc = layer.forward(x_bnc, Sight::kBefore, x_bnc.size(1));
  return x_bnc;
}

}  // namespace mezzotint
