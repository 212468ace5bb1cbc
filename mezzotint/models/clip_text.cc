#include "mezzotint/models/clip_text.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/embedding.h>

namespace mezzotint {
namespace {

/// transformers gives both tables this deviation, whatever initializer_range says.
constexpr double kDeviation = 0.02;

}  // namespace

CLIPText::CLIPText(const Params& params, const CLIPTextConfig& c)
    : config_(c),
      token_weight_((params / "embeddings" / "token_embedding")
                        .get("weight", {c.vocab_size, c.hidden_size}, Init::kScaledNormal,
                             kDeviation * c.initializer_factor)),
      position_weight_((params / "embeddings" / "position_embedding")
                           .get("weight", {c.max_position_embeddings, c.hidden_size},
                                Init::kScaledNormal, kDeviation * c.initializer_factor)),
      encoder_(params / "encoder", c),
      final_layer_norm_(params / "final_layer_norm", c.hidden_size, c.layer_norm_eps) {}

void CLIPText::check(const Tensor& ids_bn) const {
  MEZZO_CHECK(ids_bn.dim() == 2 && ids_bn.numel() > 0 &&
                  ids_bn.size(1) <= config_.max_position_embeddings &&
                  at::isIntegralType(ids_bn.scalar_type(), /*includeBool=*/false),
              "CLIPModel: got texts of shape ", ids_bn.sizes(), " and type ", ids_bn.dtype().name(),
              ", wanted token numbers [batch, 1 to ", config_.max_position_embeddings, "]");
  const auto least = ids_bn.min().item<int64_t>(), most = ids_bn.max().item<int64_t>();
  MEZZO_CHECK(least >= 0 && most < config_.vocab_size, "CLIPModel: got token ",
              least < 0 ? least : most, ", wanted 0 to ", config_.vocab_size - 1);
}

/// Where each text ends, [B].
Tensor CLIPText::ends(const Tensor& ids_bn) const {
  if (config_.pools_largest()) return ids_bn.argmax(1);
  const Tensor is_end = ids_bn.eq(config_.eos_token_id);
  MEZZO_CHECK(is_end.any(1).all().item<bool>(), "CLIPModel: got a text without the token ",
              config_.eos_token_id, " that ends it (eos_token_id)");
  return is_end.to(at::kInt).argmax(1);
}

Tensor CLIPText::operator()(const Tensor& ids_bn) const {
  check(ids_bn);
  const Tensor all_bn = ids_bn.to(token_weight_.device(), at::kLong), end_b = ends(all_bn);
  // No token sees those behind it, so what fills up the texts behind the last end is left out.
  const int64_t tokens = end_b.max().item<int64_t>() + 1;
  const Tensor h_bnc = at::embedding(token_weight_, all_bn.narrow(1, 0, tokens)) +
                       position_weight_.narrow(0, 0, tokens);
  const Tensor row_b = at::arange(end_b.size(0), end_b.options()) * tokens + end_b;
  return final_layer_norm_(encoder_.causal(h_bnc).flatten(0, 1).index_select(0, row_b));
}

}  // namespace mezzotint
